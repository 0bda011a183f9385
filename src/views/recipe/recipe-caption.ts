/** What a saved picture of Recipe states of the run behind its decisions, line by line. Pure. */

import {
  checkpointLine,
  deviceLine,
  intervalLine,
  nullsLine,
  samplerInFull,
} from '../../charts/caption-lines.ts';
import { factsLine, checkpointWords, type ChartFacts } from '../../charts/chart-facts.ts';
import type { RecipeRule } from '../../core/sets/recipe.ts';
import { runTitle } from '../../core/sets/shard.ts';
import { datasetName } from '../../state/dataset-names.ts';
import type { DatasetDecision, RecipeBoard } from '../../state/recipe-board.svelte.ts';
import { kWords } from './recipe-words.ts';

type StoredRun = RecipeBoard['shelf']['runs'][number];

/** @param checkpointId the one that is decided about */
export function recipeCaption(
  run: StoredRun,
  checkpointId: string,
  rule: RecipeRule,
  decisions: readonly DatasetDecision[],
): readonly string[] {
  const answerer = run.answerers[checkpointId];
  const { sampler, promptMode, nulls } = run.settings;
  const sets = decisions.map(
    ({ dataset, items }) =>
      `${datasetName(dataset)} ${String(items)} ${items === 1 ? 'item' : 'items'}`,
  );
  return [
    `Run “${runTitle(run)}”: ${sets.join(', ')}`,
    `Rule: τ = ${String(rule.tau)}, δ = ${String(rule.delta)}, ${kWords(rule)}`,
    ...(answerer ? [checkpointLine([answerer])] : []),
    `Sampler: ${samplerInFull(sampler)}; prompt mode ${promptMode}`,
    ...(answerer ? [deviceLine([answerer])] : []),
    nullsLine(nulls),
    `${intervalLine()}; a verdict is given where they are sure`,
  ];
}

/** Of the flow chart; without a run it is of none. */
export function recipeFacts({
  results: { run },
  checkpoint,
  rule,
  decisions,
}: Pick<RecipeBoard, 'checkpoint' | 'rule' | 'decisions'> & {
  readonly results: { readonly run: StoredRun | null };
}): ChartFacts {
  if (run === null || checkpoint === null) return { line: '', full: [], name: 'recipe' };
  const { checkpointId } = checkpoint;
  const answerer = run.answerers[checkpointId];
  return {
    line: factsLine({
      samples: [],
      items: [checkpoint.items],
      sampler: run.settings.sampler,
      promptMode: run.settings.promptMode,
      checkpoints: answerer ? [checkpointWords(answerer)] : [],
      devices: answerer ? [answerer.device] : [],
    }),
    full: recipeCaption(run, checkpointId, rule, decisions),
    name: `${runTitle(run)} ${checkpointId}`,
  };
}
