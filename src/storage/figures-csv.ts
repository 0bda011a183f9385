/** The figures of a run as CSV: one row per checkpoint, group of items and metric. */

import type { Estimate } from '../core/sets/resampling.ts';
import type { RunFigures, SetFigures } from '../core/sets/run-figures.ts';
import { samplesForSupport, type MetricItem } from '../core/sets/set-metrics.ts';
import { csvRow } from './csv.ts';
import { Slices } from './slices.ts';

export interface FiguresOfCheckpoint {
  readonly checkpointId: string;
  readonly figures: RunFigures;
  /** The items that the figures are of. */
  readonly items: readonly MetricItem[];
}

/** `k` and `threshold` are empty where the metric has none; `n` counts the items that have a value. */
const HEAD = [
  ...['checkpoint', 'scope', 'dataset', 'metric', 'k', 'threshold'],
  ...['value', 'lower', 'upper', 'n'],
] as const;

/**
 * Pieces of the table, one per checkpoint and group. `scope` is `dataset`, `all items` (each weighs the
 * same) or `mean of datasets` (each set does).
 *
 * @throws NamedError `Cancelled`
 */
export async function* figuresCsv(
  checkpoints: readonly FiguresOfCheckpoint[],
  signal?: AbortSignal,
): AsyncGenerator<string> {
  const slices = new Slices('The export', signal);
  yield csvRow(HEAD);
  for (const { checkpointId, figures, items } of checkpoints) {
    for (const group of groupsOf(figures, items)) {
      const rows = metricsOf(group.figures).map(
        ({ metric, k, threshold, estimate: { value, interval }, counts }) =>
          csvRow([
            ...[checkpointId, group.scope, group.dataset, metric, k, threshold],
            ...[value, interval?.lower ?? null, interval?.upper ?? null],
            group.items.filter(counts).length,
          ]),
      );
      yield rows.join('');
      if (slices.isOver) await slices.next();
    }
  }
}

interface Group {
  readonly scope: string;
  readonly dataset: string | null;
  readonly figures: SetFigures;
  readonly items: readonly MetricItem[];
}

function groupsOf(
  { datasets, all, macro }: RunFigures,
  items: readonly MetricItem[],
): readonly Group[] {
  return [
    ...datasets.map((one) => ({
      scope: 'dataset',
      dataset: one.dataset,
      figures: one.figures,
      items: items.filter(({ dataset }) => dataset === one.dataset),
    })),
    { scope: 'all items', dataset: null, figures: all, items },
    { scope: 'mean of datasets', dataset: null, figures: macro, items },
  ];
}

interface Metric {
  readonly metric: string;
  readonly k: number | null;
  readonly threshold: number | null;
  readonly estimate: Estimate;
  /** The item has a value of it. */
  readonly counts: (item: MetricItem) => boolean;
}

function metricsOf({ passAtK, cover, ...single }: SetFigures): readonly Metric[] {
  const none = { k: null, threshold: null };
  return [
    ...Object.entries(single).map(([metric, estimate]) => ({
      ...none,
      metric,
      estimate,
      counts: COUNTS[metric] ?? everyItem,
    })),
    ...passAtK.flatMap(({ k, ...figures }) =>
      Object.entries(figures).map(([metric, estimate]) => ({
        ...none,
        metric,
        k,
        estimate,
        counts: ({ draw }: MetricItem) => draw.n >= k,
      })),
    ),
    ...cover.map(({ threshold, share }) => ({
      ...none,
      metric: 'cover',
      threshold,
      estimate: share,
      counts: everyItem,
    })),
  ];
}

const everyItem = (): boolean => true;

/** Metrics that not every item has. */
const COUNTS: Readonly<Record<string, Metric['counts']>> = {
  accuracyAmongParsed: ({ greedyLabel }) => greedyLabel !== null,
  samplesForSupport: (item) => item.draw.n < (samplesForSupport(item) ?? 0),
  macroF1: ({ rightOptions }) => rightOptions <= 1,
  imageSupport: ({ draw }) => draw.supportedByImage !== null,
  pBlind: ({ pBlind }) => pBlind !== null,
};
