/**
 * The bootstrap over items, stratified by dataset: every figure of a run is a function of sums over
 * its items, so that a resample is a table of sums and a figure's interval costs no second pass.
 *
 * Long sets are resampled piece by piece (`add`), so that a page stays responsive.
 */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Interval } from '../intervals.ts';

export const RESAMPLES = 2000;
const LOWER_END = 0.025;
const UPPER_END = 0.975;

/** Sums over the items of one stratum (or of all), one per column. */
export type Sums = Float64Array;

/** A figure of sums; `null` where it is not defined, such as a quotient by 0. */
export type Statistic = (sums: Sums) => number | null;

export interface Estimate {
  /** `null` where it is not defined for the items as they are. */
  readonly value: number | null;
  /** Percentile interval, 95 %; `null` with the value, or where it is not defined for most resamples. */
  readonly interval: Interval | null;
}

export class Resampling {
  private readonly generator;
  private readonly members: readonly Uint32Array[];
  private readonly observed: Drawn;
  private readonly resampled: Drawn[] = [];

  /**
   * @param rows one row per item, all with the same columns
   * @param strata the stratum of each item, as an index from 0; every index has an item
   * @throws RangeError when there are no items, or rows and strata do not fit
   */
  constructor(
    private readonly rows: readonly Float64Array[],
    strata: readonly number[],
    seed: number,
  ) {
    if (rows.length === 0 || rows.length !== strata.length) {
      throw new RangeError('A bootstrap needs items, each with its stratum.');
    }
    const count = Math.max(...strata) + 1;
    const members = Array.from({ length: count }, (): number[] => []);
    strata.forEach((stratum, item) => members[stratum]?.push(item));
    if (members.some(({ length }) => length === 0)) {
      throw new RangeError('Every stratum needs an item.');
    }
    this.members = members.map((items) => Uint32Array.from(items));
    this.observed = drawn(this.members.map((items) => this.sumOf(items, (place) => place)));
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
      const pick = (items: Uint32Array) => () => uniformInt(this.generator, 0, items.length - 1);
      this.resampled.push(drawn(this.members.map((items) => this.sumOf(items, pick(items)))));
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
    if (value === null) return { value, interval: null };
    const values = this.resampled.map(figure).filter((one) => one !== null);
    if (values.length < Math.max(1, this.resampled.length / 2)) return { value, interval: null };
    const sorted = Float64Array.from(values).sort();
    return {
      value,
      interval: { lower: quantile(sorted, LOWER_END), upper: quantile(sorted, UPPER_END) },
    };
  }

  private sumOf(items: Uint32Array, pick: (place: number) => number): Sums {
    const columns = this.rows[0]?.length ?? 0;
    const sums = new Float64Array(columns);
    for (let place = 0; place < items.length; place += 1) {
      const row = this.rows[items[pick(place)] ?? 0];
      if (row === undefined || row.length !== columns) {
        throw new RangeError('All rows need the same columns.');
      }
      for (let column = 0; column < columns; column += 1) {
        sums[column] = (sums[column] ?? 0) + (row[column] ?? 0);
      }
    }
    return sums;
  }
}

/** Sums by stratum, and of all of them. */
interface Drawn {
  readonly strata: readonly Sums[];
  readonly all: Sums;
}

function drawn(strata: readonly Sums[]): Drawn {
  const all = new Float64Array(strata[0]?.length ?? 0);
  for (const own of strata) {
    for (let column = 0; column < all.length; column += 1) {
      all[column] = (all[column] ?? 0) + (own[column] ?? 0);
    }
  }
  return { strata, all };
}

/** Linear between the two nearest, as numpy's default. */
export function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below] ?? NaN;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? low;
  return low + (high - low) * (place - below);
}
