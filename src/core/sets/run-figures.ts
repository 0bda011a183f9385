/**
 * The figures of one run: per dataset, over all items, and the unweighted mean over datasets, each with
 * its bootstrap interval. They speak of this checkpoint: one training seed is an anecdote about a stage.
 */
import { Columns } from './columns.ts';
import { RESAMPLES, Resampling, type Estimate } from './resampling.ts';
import { mapMetrics, setMetrics, type MetricItem, type SetMetrics } from './set-metrics.ts';
import type { Statistic } from './stratum.ts';

export type SetFigures = SetMetrics<Estimate>;

export interface RunFigures {
  readonly datasets: readonly { readonly dataset: string; readonly figures: SetFigures }[];
  /** Over all items: a dataset weighs as many items as it has. */
  readonly all: SetFigures;
  /** Mean over the datasets: each weighs the same. */
  readonly macro: SetFigures;
}

export const BOOTSTRAP_SEED = 20_260_303;

/** @throws RangeError without items */
export function runFigures(items: readonly MetricItem[], resamples = RESAMPLES): RunFigures {
  const datasets = [...new Set(items.map(({ dataset }) => dataset))];
  const columns = new Columns<MetricItem>();
  const most = items.reduce((largest, { draw }) => Math.max(largest, draw.n), 0);
  const metrics = setMetrics(columns, most, (item) => item);
  const resampling = new Resampling(
    columns.table(items),
    items.map(({ dataset }) => datasets.indexOf(dataset)),
    BOOTSTRAP_SEED,
  );
  resampling.add(resamples);
  const each = (make: (figure: Statistic) => Estimate): SetFigures => mapMetrics(metrics, make);
  return {
    datasets: datasets.map((dataset, stratum) => ({
      dataset,
      figures: each((figure) => resampling.of(stratum, figure)),
    })),
    all: each((figure) => resampling.ofAll(figure)),
    macro: each((figure) => resampling.macro(figure)),
  };
}
