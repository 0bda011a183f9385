/** Sides and steps as the charts take them. Pure. */
import { checkpointWords, samplerWords, type ChartFacts } from '../../charts/chart-facts.ts';
import type { DumbbellRow } from '../../charts/dumbbell-layout.ts';
import type { Comparison } from '../../core/sets/comparison.ts';
import { ownCount, runTitle } from '../../core/sets/shard.ts';
import { informativePoint } from '../../core/sets/informative-point.ts';
import type { PairFigures } from '../../core/sets/pair-figures.ts';
import { datasetName } from '../../state/dataset-names.ts';
import type { ComparisonStep, SideFacts } from '../../state/comparison.svelte.ts';
import { totalOf } from '../../core/sets/total-records.ts';
import { stepCaption } from './step-caption.ts';

/** The checkpoint, with its run where two of that name are compared. */
export function sideTitle(side: SideFacts, all: readonly SideFacts[]): string {
  const namesakes = all.filter(({ checkpointId }) => checkpointId === side.checkpointId);
  return namesakes.length > 1 ? `${side.checkpointId} · ${runTitle(side.run)}` : side.checkpointId;
}

/** Records of this checkpoint that are finished cannot be told apart: those of the whole run. */
export function doneWords(run: SideFacts['run']): string {
  const { done } = run;
  const items = ownCount(run.items, run.shard);
  const records = totalOf(run);
  return done === records
    ? `${String(items)} items`
    : `${String(done)} of ${String(records)} answers so far`;
}

/** Items, sampler, prompt, weights, device: what a figure of the step is of. */
export function stepFacts(step: ComparisonStep): ChartFacts {
  const { parent, child } = step;
  return {
    line: stepLine(step),
    full: stepCaption(step),
    name: `${parent.checkpointId} to ${child.checkpointId}`,
  };
}

function stepLine({ parent, child, comparison }: ComparisonStep): string {
  const sides = [parent, child];
  const unique = (words: readonly string[]): string => [...new Set(words)].join(' / ');
  return [
    `n = ${String(comparison?.pairs ?? 0)} items`,
    unique(sides.map(({ run }) => samplerWords(run.settings.sampler))),
    unique(sides.map(({ run }) => run.settings.promptMode)),
    sides.map(({ answerer }) => checkpointWords(answerer)).join(', '),
    unique(sides.map(({ answerer }) => answerer.device)),
  ].join(' · ');
}

/** One row per set, at the k at which its support says most. */
export function dumbbellRows(
  { paired }: Comparison,
  parent: SideFacts,
  child: SideFacts,
  titles: readonly [parent: string, child: string],
): readonly DumbbellRow[] {
  return paired.datasets.flatMap(({ dataset, figures }) => {
    const point = informativePoint(figures.parent);
    if (point === null) return [];
    const side = (facts: SideFacts, title: string, of: 'parent' | 'child') => ({
      title,
      stage: facts.answerer.stage,
      accuracy: figures[of].accuracyAt1,
      support: supportAt(figures, of, point.k),
    });
    return [
      {
        ...{
          dataset: datasetName(dataset),
          k: point.k,
          items: figures.items,
          chance: point.chance.value,
        },
        sides: [side(parent, titles[0], 'parent'), side(child, titles[1], 'child')],
      },
    ];
  });
}

function supportAt(figures: PairFigures, of: 'parent' | 'child', k: number) {
  const point = figures[of].passAtK.find((one) => one.k === k);
  return point?.support ?? { value: null, interval: null };
}
