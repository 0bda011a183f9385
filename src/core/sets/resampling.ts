/**
 * The bootstrap over items, stratified by dataset: every figure of a run is a function of sums over
 * its items, so that a resample is a table of sums and a figure's interval costs no second pass.
 */
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Interval } from '../intervals.ts';
import { randomBelow } from './random-below.ts';
import { Stratum, type ItemTable, type Statistic, type Sums } from './stratum.ts';

export const RESAMPLES = 2000;
const LOWER_END = 0.025;
const UPPER_END = 0.975;

export interface Estimate {
  /** `null` where it is not defined for the items as they are. */
  readonly value: number | null;
  /** Percentile interval, 95 %; `null` with the value, or where it is not defined for most resamples. */
  readonly interval: Interval | null;
}

export const UNKNOWN: Estimate = { value: null, interval: null };

export class Resampling {
  private readonly generator;
  private readonly members: readonly Stratum[];
  private readonly observed: Drawn;
  private readonly resampled: Drawn[] = [];

  /**
   * @param strata the stratum of each item of the table, as an index from 0; every index has an item
   * @throws RangeError when there are no items, or table and strata do not fit
   */
  constructor(table: ItemTable, strata: readonly number[], seed: number) {
    if (table.items === 0 || table.items !== strata.length) {
      throw new RangeError('A bootstrap needs items, each with its stratum.');
    }
    const count = strata.reduce((most, stratum) => Math.max(most, stratum), -1) + 1;
    const members = Array.from({ length: count }, (): number[] => []);
    strata.forEach((stratum, item) => members[stratum]?.push(item));
    if (members.some(({ length }) => length === 0)) {
      throw new RangeError('Every stratum needs an item.');
    }
    this.members = members.map((items) => new Stratum(table, Uint32Array.from(items)));
    for (const { weights } of this.members) weights.fill(1);
    this.observed = this.drawn();
    this.generator = xoroshiro128plus(seed);
  }

  get strata(): number {
    return this.members.length;
  }
  get resamples(): number {
    return this.resampled.length;
  }

  /** Draws more resamples. */
  add(count: number): void {
    for (let more = 0; more < count; more += 1) {
      for (const { weights, size } of this.members) {
        weights.fill(0);
        for (let draws = 0; draws < size; draws += 1) {
          const item = randomBelow(size, this.generator);
          weights[item] = (weights[item] ?? 0) + 1;
        }
      }
      this.resampled.push(this.drawn());
    }
  }

  /** A figure of one stratum. */
  of(stratum: number, statistic: Statistic): Estimate {
    return this.estimate(({ strata }) => {
      const own = strata[stratum];
      if (own === undefined) throw new RangeError(`There is no stratum ${stratum}.`);
      return statistic(own);
    });
  }

  /** A figure of all items together: each item weighs the same. */
  ofAll(statistic: Statistic): Estimate {
    return this.estimate(({ all }) => statistic(all));
  }

  /** The unweighted mean of a figure over the strata; `null` where one has none. */
  macro(statistic: Statistic): Estimate {
    return this.estimate(({ strata }) => {
      let total = 0;
      for (const own of strata) {
        const value = statistic(own);
        if (value === null) return null;
        total += value;
      }
      return total / strata.length;
    });
  }

  private estimate(figure: (sums: Drawn) => number | null): Estimate {
    const value = figure(this.observed);
    if (value === null) return UNKNOWN;
    const values = new Float64Array(this.resampled.length);
    let known = 0;
    for (const drawn of this.resampled) {
      const one = figure(drawn);
      if (one !== null) values[known++] = one;
    }
    if (known < Math.max(1, this.resampled.length / 2)) return { value, interval: null };
    return { value, interval: percentileInterval(values.subarray(0, known)) };
  }

  /** The sums at the strata's weights. */
  private drawn(): Drawn {
    const strata = this.members.map((stratum) => stratum.sums());
    const all = new Float64Array(strata[0]?.length ?? 0);
    for (const own of strata) {
      for (let column = 0; column < all.length; column += 1) {
        all[column] = (all[column] ?? 0) + (own[column] ?? 0);
      }
    }
    return { strata, all };
  }
}

/** Sums by stratum, and of all of them. */
interface Drawn {
  readonly strata: readonly Sums[];
  readonly all: Sums;
}

/** Sorts the values in place. */
function percentileInterval(values: Float64Array): Interval {
  // Numbers of items and the like are the same in every resample; sorting is half of the cost.
  const first = values[0] ?? NaN;
  if (values.every((value) => value === first)) return { lower: first, upper: first };
  values.sort();
  return { lower: quantile(values, LOWER_END), upper: quantile(values, UPPER_END) };
}

/**
 * Linear between the two nearest, as numpy's default; NaN without values.
 *
 * @param sorted ascending
 */
export function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below] ?? NaN;
  const high = sorted[below + 1] ?? low;
  return low + (high - low) * (place - below);
}
