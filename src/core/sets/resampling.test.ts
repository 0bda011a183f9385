import { describe, expect, it } from 'vitest';
import { Columns, minus } from './columns.ts';
import { quantile, Resampling } from './resampling.ts';
import { randomOf } from './set-fixture.ts';
import type { Statistic } from './stratum.ts';

interface Row {
  readonly value: number | null;
  readonly stratum: number;
}

const random = randomOf(3);
const ROWS: readonly Row[] = Array.from({ length: 60 }, (_, item) => ({
  value: item % 7 === 0 ? null : random() + (item % 3),
  stratum: item % 3,
}));

function setUp(rows: readonly Row[], seed = 1) {
  const columns = new Columns<Row>();
  const count = columns.total(() => 1);
  const mean = columns.mean(({ value }) => value);
  const strata = rows.map(({ stratum }) => stratum);
  return { resampling: new Resampling(columns.table(rows), strata, seed), count, mean };
}

const meanOf = (rows: readonly Row[]): number => {
  const values = rows.flatMap(({ value }) => (value === null ? [] : [value]));
  return values.reduce((sum, value) => sum + value, 0) / values.length;
};

describe('Resampling', () => {
  it('gives the figures of the items as they are', () => {
    const { resampling, count, mean } = setUp(ROWS);
    expect(resampling.strata).toBe(3);
    expect(resampling.ofAll(mean).value).toBeCloseTo(meanOf(ROWS), 12);
    let sumOfMeans = 0;
    for (const stratum of [0, 1, 2]) {
      const own = meanOf(ROWS.filter((row) => row.stratum === stratum));
      expect(resampling.of(stratum, mean).value).toBeCloseTo(own, 12);
      sumOfMeans += own;
    }
    expect(resampling.macro(mean).value).toBeCloseTo(sumOfMeans / 3, 12);
    expect(resampling.of(1, count).value).toBe(20);
  });

  it('draws inside each stratum: its size stays', () => {
    const { resampling, count } = setUp([...ROWS, { value: 1, stratum: 3 }]);
    resampling.add(50);
    expect(resampling.resamples).toBe(50);
    expect(resampling.of(0, count)).toEqual({ value: 20, interval: { lower: 20, upper: 20 } });
    expect(resampling.of(3, count)).toEqual({ value: 1, interval: { lower: 1, upper: 1 } });
    expect(resampling.ofAll(count)).toEqual({ value: 61, interval: { lower: 61, upper: 61 } });
  });

  it('is the same piece by piece as all at once, and another with another seed', () => {
    const [whole, pieces, other] = [setUp(ROWS), setUp(ROWS), setUp(ROWS, 2)];
    whole.resampling.add(300);
    for (const count of [1, 99, 0, 200]) pieces.resampling.add(count);
    other.resampling.add(300);
    const estimate = whole.resampling.ofAll(whole.mean);
    expect(pieces.resampling.ofAll(pieces.mean)).toEqual(estimate);
    expect(other.resampling.ofAll(other.mean).interval).not.toEqual(estimate.interval);
  });

  it('has the spread of a mean: standard deviation / √n inside the strata', () => {
    const rows = Array.from({ length: 200 }, (_, item) => ({ value: item % 2, stratum: 0 }));
    const { resampling, mean } = setUp(rows);
    resampling.add(4000);
    const { interval } = resampling.ofAll(mean);
    const half = 1.96 * Math.sqrt(0.25 / 200);
    expect(interval?.lower).toBeCloseTo(0.5 - half, 2);
    expect(interval?.upper).toBeCloseTo(0.5 + half, 2);
    // Strata that are each of one kind have no spread, whatever lies between them.
    const apart = setUp(rows.map(({ value }) => ({ value, stratum: value })));
    apart.resampling.add(100);
    expect(apart.resampling.ofAll(apart.mean).interval).toEqual({ lower: 0.5, upper: 0.5 });
  });

  it('has no interval before it has drawn, and no figure where none is defined', () => {
    const { resampling, mean } = setUp(ROWS);
    expect(resampling.ofAll(mean).interval).toBeNull();
    const empty = setUp([{ value: null, stratum: 0 }]);
    empty.resampling.add(10);
    expect(empty.resampling.ofAll(empty.mean)).toEqual({ value: null, interval: null });
    expect(empty.resampling.macro(empty.mean)).toEqual({ value: null, interval: null });
  });

  it('has no interval where most resamples have no figure', () => {
    const { resampling, mean } = setUp(ROWS);
    resampling.add(100);
    let calls = 0;
    // Defined for the items themselves and for every third resample.
    const rarely: Statistic = (sums) => (calls++ % 3 === 0 ? mean(sums) : null);
    expect(resampling.ofAll(rarely)).toMatchObject({ interval: null });
  });

  it('has one mean that none of the strata lacks', () => {
    const { resampling, mean } = setUp([...ROWS, { value: null, stratum: 3 }]);
    expect(resampling.macro(mean).value).toBeNull();
    expect(resampling.ofAll(mean).value).toBeCloseTo(meanOf(ROWS), 12);
    expect(() => resampling.of(4, mean)).toThrow(RangeError);
  });

  it('refuses what is no stratified set', () => {
    expect(() => setUp([])).toThrow(RangeError);
    expect(() => setUp([{ value: 1, stratum: 1 }])).toThrow(/Every stratum/u);
    const table = new Columns<number>().table([1, 2]);
    expect(() => new Resampling(table, [0], 1)).toThrow(RangeError);
  });

  it('adds equal, constant and opposite columns as it adds others', () => {
    const columns = new Columns<Row>();
    const first = columns.mean(({ value }) => value);
    const constant = columns.total(() => 0.25);
    const again = columns.mean(({ value }) => value);
    const negative = columns.mean(({ value }) => (value === null ? null : -value));
    const resampling = new Resampling(
      columns.table(ROWS),
      ROWS.map(() => 0),
      9,
    );
    resampling.add(200);
    expect(resampling.ofAll(again)).toEqual(resampling.ofAll(first));
    expect(resampling.ofAll(minus(first, again))).toEqual({
      value: 0,
      interval: { lower: 0, upper: 0 },
    });
    expect(resampling.ofAll(constant).value).toBe(15);
    const { interval } = resampling.ofAll(first);
    expect(resampling.ofAll(negative).interval?.lower).toBeCloseTo(-(interval?.upper ?? 0), 12);
  });
});

describe('quantile', () => {
  it('is numpy.quantile', () => {
    // np.quantile([1, 2, 4, 8], [0, 0.025, 0.5, 0.975, 1])
    const sorted = Float64Array.of(1, 2, 4, 8);
    const expected = [1, 1.075, 3, 7.7, 8];
    [0, 0.025, 0.5, 0.975, 1].forEach((share, place) => {
      expect(quantile(sorted, share)).toBeCloseTo(expected[place] ?? NaN, 12);
    });
    expect(quantile(Float64Array.of(5), 0.025)).toBe(5);
    expect(quantile(new Float64Array(0), 0.5)).toBeNaN();
  });
});
