/** What a saved picture of Compare states of the runs behind it, line by line. Pure. */

import {
  checkpointLine,
  deviceLine,
  intervalLine,
  nullsLine,
  samplerInFull,
} from '../../charts/caption-lines.ts';
import { runTitle } from '../../core/sets/shard.ts';
import { datasetName } from '../../state/dataset-names.ts';
import type { ComparisonStep, SideFacts } from '../../state/comparison.svelte.ts';

/** Of one step: a parent and its child on the items that both answered. */
export function stepCaption({ parent, child, comparison }: ComparisonStep): readonly string[] {
  const sets = (comparison?.paired.datasets ?? []).map(
    ({ dataset, figures }) => `${datasetName(dataset)} ${String(figures.items)}`,
  );
  const pairs = comparison?.pairs ?? 0;
  return [
    runsLine([parent, child]),
    `Items that both answered: ${String(pairs)}${sets.length === 0 ? '' : ` (${sets.join(', ')})`}`,
    ...sidesLines([parent, child]),
    intervalLine('paired bootstrap'),
  ];
}

/** Of several steps, each on the items of its own pair. */
export function stepsCaption(steps: readonly ComparisonStep[]): readonly string[] {
  if (steps.length === 0) return [];
  const sides = distinctSides(steps);
  const pairs = steps.map(
    ({ parent, child, comparison }) =>
      `${parent.checkpointId} → ${child.checkpointId} ${String(comparison?.pairs ?? 0)}`,
  );
  return [
    runsLine(sides),
    `Items that both answered: ${pairs.join(', ')}`,
    ...sidesLines(sides),
    intervalLine('paired bootstrap'),
  ];
}

/** All sides of the steps, each once. */
export function distinctSides(steps: readonly ComparisonStep[]): readonly SideFacts[] {
  const sides = steps.flatMap(({ parent, child }) => [parent, child]);
  const keys = sides.map(({ runId, checkpointId }) => `${runId} ${checkpointId}`);
  return sides.filter((_, at) => keys.indexOf(keys[at] ?? '') === at);
}

const unique = (words: readonly string[]): readonly string[] => [...new Set(words)];

function runsLine(sides: readonly SideFacts[]): string {
  const names = unique(sides.map(({ run }) => `“${runTitle(run)}”`));
  return `${names.length === 1 ? 'Run' : 'Runs'}: ${names.join(', ')}`;
}

/** What differs between the runs is said of each. */
function sidesLines(sides: readonly SideFacts[]): readonly string[] {
  const answerers = sides.map(({ answerer }) => answerer);
  const of = (read: (settings: SideFacts['run']['settings']) => string): readonly string[] => {
    const words = unique(sides.map(({ run }) => read(run.settings)));
    if (words.length === 1) return words;
    return unique(sides.map(({ run }) => `${read(run.settings)} (“${runTitle(run)}”)`));
  };
  return [
    checkpointLine(answerers),
    ...of(
      ({ sampler, promptMode }) => `Sampler: ${samplerInFull(sampler)}; prompt mode ${promptMode}`,
    ),
    deviceLine(answerers),
    ...of(({ nulls }) => nullsLine(nulls)),
  ];
}
