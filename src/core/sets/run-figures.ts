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

/** Items of one run, resampled piece by piece: `work` until it is done, then `figures`. */
export class RunFigureJob {
  private readonly datasets: readonly string[];
  private readonly metrics: SetMetrics;
  private readonly resampling: Resampling;

  /** @throws RangeError without items */
  constructor(
    items: readonly MetricItem[],
    private readonly resamples = RESAMPLES,
  ) {
    this.datasets = [...new Set(items.map(({ dataset }) => dataset))];
    const columns = new Columns<MetricItem>();
    const most = items.reduce((largest, { draw }) => Math.max(largest, draw.n), 0);
    this.metrics = setMetrics(columns, most, (item) => item);
    this.resampling = new Resampling(
      columns.table(items),
      items.map(({ dataset }) => this.datasets.indexOf(dataset)),
      BOOTSTRAP_SEED,
    );
  }

  /** Draws up to `count` resamples; `true` when all are drawn. */
  work(count: number): boolean {
    this.resampling.add(Math.min(count, this.resamples - this.resampling.resamples));
    return this.resampling.resamples === this.resamples;
  }

  /** Of as many resamples as are drawn. */
  figures(): RunFigures {
    const each = (make: (figure: Statistic) => Estimate): SetFigures =>
      mapMetrics(this.metrics, make);
    return {
      datasets: this.datasets.map((dataset, stratum) => ({
        dataset,
        figures: each((figure) => this.resampling.of(stratum, figure)),
      })),
      all: each((figure) => this.resampling.ofAll(figure)),
      macro: each((figure) => this.resampling.macro(figure)),
    };
  }
}

/** All at once. */
export function runFigures(items: readonly MetricItem[], resamples = RESAMPLES): RunFigures {
  const job = new RunFigureJob(items, resamples);
  job.work(resamples);
  return job.figures();
}
