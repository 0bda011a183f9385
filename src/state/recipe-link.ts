/** Recipe as an address: `#/recipe?run=…&checkpoint=…&tau=0.7&delta=0.05&k=8`. Pure. */

import { PAPER_RULE, type RecipeRule } from '../core/sets/recipe.ts';

export interface RecipeLink {
  readonly runId: string | null;
  readonly checkpointId: string | null;
  readonly rule: RecipeRule;
}

/** What is missing or out of range is the paper's. */
export function parseRecipeLink(hash: string): RecipeLink {
  const query = new URLSearchParams(hash.split('?')[1] ?? '');
  const share = (key: string, otherwise: number): number => {
    const text = query.get(key)?.trim() ?? '';
    const value = Number(text);
    return text !== '' && value >= 0 && value <= 1 ? value : otherwise;
  };
  const k = Number(query.get('k'));
  return {
    runId: query.get('run'),
    checkpointId: query.get('checkpoint'),
    rule: {
      tau: share('tau', PAPER_RULE.tau),
      delta: share('delta', PAPER_RULE.delta),
      k: Number.isInteger(k) && k >= 1 ? k : PAPER_RULE.k,
    },
  };
}

export function formatRecipeLink({ runId, checkpointId, rule }: RecipeLink): string {
  const query = new URLSearchParams({
    ...(runId !== null && { run: runId }),
    ...(checkpointId !== null && { checkpoint: checkpointId }),
    tau: String(rule.tau),
    delta: String(rule.delta),
    ...(rule.k !== null && { k: String(rule.k) }),
  });
  return `#/recipe?${query.toString()}`;
}
