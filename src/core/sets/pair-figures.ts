/**
 * What changed between two checkpoints on the same items: paired differences of all metrics with
 * paired bootstrap intervals, the k at which the Pass@k curves cross, and the verdict.
 */
import type { Interval } from '../intervals.ts';
import { Columns, minus } from './columns.ts';
import type { Pair } from './pair-items.ts';
import { RESAMPLES, Resampling, type Estimate } from './resampling.ts';
import { BOOTSTRAP_SEED, type SetFigures } from './run-figures.ts';
import {
  mapMetrics,
  setMetrics,
  zipMetrics,
  type MetricItem,
  type SetMetrics,
} from './set-metrics.ts';
import type { Statistic } from './stratum.ts';

export interface PairFigures {
  readonly items: number;
  /** Both over the pairs in which both sides have the figure. */
  readonly parent: SetFigures;
  readonly child: SetFigures;
  /** Child minus parent, on the same resamples; numbers of items are those of pairs. */
  readonly change: SetFigures;
  /** k, between two of the curve, at which the child's S_k meets the parent's; `null` where they do not. */
  readonly crossing: Estimate;
  /** The child's A minus the parent's majority vote: what training adds to voting. */
  readonly beyondMajority: Estimate;
}

export interface PairedFigures {
  readonly datasets: readonly { readonly dataset: string; readonly figures: PairFigures }[];
  readonly all: PairFigures;
}

/** @throws RangeError without pairs */
export function pairedFigures(pairs: readonly Pair[], resamples = RESAMPLES): PairedFigures {
  const datasets = [...new Set(pairs.map(({ parent }) => parent.dataset))];
  const columns = new Columns<Pair>();
  const most = pairs.reduce(
    (largest, { parent, child }) => Math.max(largest, Math.min(parent.draw.n, child.draw.n)),
    0,
  );
  const parentOf = ({ parent }: Pair): MetricItem => parent;
  const childOf = ({ child }: Pair): MetricItem => child;
  const parent = setMetrics(columns, most, parentOf, childOf);
  const child = setMetrics(columns, most, childOf, parentOf);
  const change = changeOf(parent, child);
  const crossing = crossingOf(change);
  const beyondMajority = minus(child.accuracyAt1, parent.majorityAccuracy);
  const resampling = new Resampling(
    columns.table(pairs),
    pairs.map((pair) => datasets.indexOf(pair.parent.dataset)),
    BOOTSTRAP_SEED,
  );
  resampling.add(resamples);
  const figuresOf = (items: number, make: (figure: Statistic) => Estimate): PairFigures => ({
    items,
    parent: mapMetrics(parent, make),
    child: mapMetrics(child, make),
    change: mapMetrics(change, make),
    crossing: make(crossing),
    beyondMajority: make(beyondMajority),
  });
  return {
    datasets: datasets.map((dataset, stratum) => ({
      dataset,
      figures: figuresOf(pairs.filter((pair) => pair.parent.dataset === dataset).length, (figure) =>
        resampling.of(stratum, figure),
      ),
    })),
    all: figuresOf(pairs.length, (figure) => resampling.ofAll(figure)),
  };
}

/** Numbers of items have no difference: both sides count the same pairs. */
function changeOf(parent: SetMetrics, child: SetMetrics): SetMetrics {
  const { passAtK, ...change } = zipMetrics(child, parent, minus);
  return {
    ...change,
    items: child.items,
    blindItems: child.blindItems,
    passAtK: passAtK.map((point, place) => ({
      ...point,
      items: child.passAtK[place]?.items ?? point.items,
    })),
  };
}

/** Equal S_k come out of sums in another order. */
const ROUNDING = 1e-12;

/**
 * The first change of sign of ΔS_k, straight between two k on the scale of log2 k; where the curves
 * meet at a k of the curve before they change sides, that k.
 */
function crossingOf({ passAtK }: SetMetrics): Statistic {
  return (sums) => {
    let last: { readonly k: number; readonly change: number } | null = null;
    let meeting: number | null = null;
    for (const { k, support } of passAtK) {
      const change = support(sums);
      if (change === null) continue;
      if (Math.abs(change) < ROUNDING) {
        meeting ??= k;
        continue;
      }
      if (last !== null && last.change * change < 0) {
        if (meeting !== null) return meeting;
        const part = last.change / (last.change - change);
        return 2 ** (Math.log2(last.k) + part * (Math.log2(k) - Math.log2(last.k)));
      }
      last = { k, change };
      meeting = null;
    }
    return null;
  };
}

/** Whether an interval excludes 0, and on which side. */
export function directionOf({ interval }: { readonly interval: Interval | null }) {
  if (interval === null) return 'unknown';
  if (interval.lower > 0) return 'up';
  return interval.upper < 0 ? 'down' : 'open';
}
