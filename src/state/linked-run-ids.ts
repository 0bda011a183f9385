/** Which stored runs an address of any screen names. Pure. */

import { parseCompareLink } from './compare-link.ts';
import { parseEvaluationLink } from './evaluation-link.ts';
import { parseProbeLink } from './probe-link.ts';
import { parseRecipeLink } from './recipe-link.ts';
import { screenOf, type ScreenId } from './screen-choice.svelte.ts';

type Named = readonly (string | null)[];

const READERS: Readonly<Record<ScreenId, (hash: string) => Named>> = {
  explore: () => [],
  models: () => [],
  evaluate: (hash) => [parseEvaluationLink(hash).runId],
  recipe: (hash) => [parseRecipeLink(hash).runId],
  probe: (hash) => [parseProbeLink(hash).runId],
  compare: (hash) => {
    const { sides, rlRunId } = parseCompareLink(hash);
    return [...sides.map(({ runId }) => runId), rlRunId];
  },
};

/** Ids, each once. */
export function linkedRunIds(hash: string): readonly string[] {
  const named = READERS[screenOf(hash)](hash).filter((id) => id !== null && id !== '');
  return [...new Set(named)].filter((id) => id !== null);
}
