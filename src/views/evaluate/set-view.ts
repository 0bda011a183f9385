/** From the figures of a run to what its charts and captions show. Pure. */

import { checkpointWords, factsLine, type ChartFacts } from '../../charts/chart-facts.ts';
import type { PassAtKSeries } from '../../charts/pass-at-k-series.ts';
import { setCurve } from '../../charts/set-curve.ts';
import type { HistogramSeries } from '../../charts/support-histogram-layout.ts';
import { runTitle } from '../../core/sets/shard.ts';
import { comparedK } from '../../core/sets/set-metrics.ts';
import type { ItemFigures } from '../../core/sets/item-figures.ts';
import { chancePassAtK, informativeK } from '../../core/pass-at-k.ts';
import type { Stage } from '../../core/types.ts';
import { datasetName } from '../../state/dataset-names.ts';
import type { SetResults } from '../../state/set-results.svelte.ts';
import type { RunFigures, StoredRun } from './evaluate-types.ts';
import { figuresAt } from './figure-rows.ts';
import { setCaption } from './set-caption.ts';

/** A checkpoint of the run as all pieces draw it. */
export interface RunSeries {
  readonly id: string;
  readonly title: string;
  readonly stage: Stage;
  readonly items: readonly ItemFigures[];
  readonly figures: RunFigures;
}

export interface ScopeChoice {
  readonly value: string;
  readonly label: string;
}

/** The shown checkpoints that have answered, in the order of the run. */
export function runSeries(results: SetResults, shown: readonly string[]): readonly RunSeries[] {
  return results.figures
    .filter(({ checkpointId }) => shown.includes(checkpointId))
    .map(({ checkpointId, figures }) => ({
      id: checkpointId,
      title: checkpointId,
      stage: results.run?.answerers[checkpointId]?.stage ?? 'other',
      items: results.itemsOf.get(checkpointId) ?? [],
      figures,
    }));
}

/** All items, the mean over sets where there are several, each set. */
export function scopesOf(run: StoredRun): readonly ScopeChoice[] {
  const sets = run.datasets.map(({ dataset }) => ({ value: dataset, label: datasetName(dataset) }));
  return [
    { value: 'all', label: 'all items' },
    ...(sets.length > 1 ? [{ value: 'macro', label: 'mean of sets' }] : []),
    ...sets,
  ];
}

/** Everything a caption states: n items, sampler, mode, checkpoints with revision and type, device. */
export function setFacts(run: StoredRun, series: readonly RunSeries[]): ChartFacts {
  const answerers = series.flatMap(({ id }) => run.answerers[id] ?? []);
  return {
    line: factsLine({
      samples: [],
      items: series.map(({ items }) => items.length),
      sampler: run.settings.sampler,
      promptMode: run.settings.promptMode,
      checkpoints: answerers.map(checkpointWords),
      devices: answerers.map(({ device }) => device),
    }),
    full: setCaption(run, series),
    name: runTitle(run),
  };
}

/** The curves of one set, with intervals as bands. */
export function curvesAt(series: readonly RunSeries[], scope: string): readonly PassAtKSeries[] {
  return series.flatMap(({ id, title, stage, figures }) => {
    const own = figuresAt(figures, scope);
    if (!own) return [];
    return [{ id, title, stage, ...setCurve(own) }];
  });
}

export function itemsAt(items: readonly ItemFigures[], scope: string): readonly ItemFigures[] {
  return scope === 'all' || scope === 'macro'
    ? items
    : items.filter(({ dataset }) => dataset === scope);
}

/** The largest k that still tells something for some item; `null` where guessing sets no limit. */
export function largestInformativeK(items: readonly ItemFigures[]): number | null {
  let largest: number | null = null;
  for (const { options, rightOptions } of items) {
    const k = options === 0 || rightOptions === 0 ? null : informativeK(options, rightOptions);
    if (k === null) return null;
    largest = Math.max(largest ?? 0, k);
  }
  return largest;
}

/** The k at which support is compared, with the sets of each: `k = 2 (BreastMNIST), 8 (BloodMNIST)`. */
export function comparedKWords(items: readonly ItemFigures[]): string {
  const sets = new Map<number, Set<string>>();
  for (const item of items) {
    const k = comparedK(item);
    sets.set(k, (sets.get(k) ?? new Set()).add(datasetName(item.dataset)));
  }
  const sorted = [...sets].sort(([a], [b]) => a - b);
  if (sorted.length === 1) return `k = ${String(sorted[0]?.[0])}`;
  return `k = ${sorted.map(([k, names]) => `${String(k)} (${[...names].join(', ')})`).join(', ')}`;
}

/** What guessing gives at the k at which support is compared, mean over the items; `null` for free-form. */
export function comparedChance(items: readonly ItemFigures[]): number | null {
  let sum = 0;
  for (const item of items) {
    const chance = chancePassAtK(item.rightOptions, item.options, comparedK(item));
    if (chance === null) return null;
    sum += chance;
  }
  return items.length === 0 ? null : sum / items.length;
}

export function histogramSeries(
  series: readonly RunSeries[],
  scope: string,
): readonly HistogramSeries[] {
  return series.map(({ id, title, stage, items }) => ({
    id,
    title,
    stage,
    items: itemsAt(items, scope).map(({ draw: { n, c } }) => ({ n, c })),
  }));
}
