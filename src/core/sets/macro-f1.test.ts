import { describe, expect, it } from 'vitest';
import { Columns } from './columns.ts';
import { macroF1, type ClassAnswer } from './macro-f1.ts';
import { Resampling } from './resampling.ts';
import { Stratum } from './stratum.ts';

interface Row {
  readonly stratum: number;
  readonly answer: ClassAnswer | null;
}

const row = (truth: string, said: string | null, stratum = 0): Row => ({
  stratum,
  answer: { truth, said },
});

function scoreOf(rows: readonly Row[]) {
  const columns = new Columns<Row>();
  const figure = macroF1(columns, ({ answer }) => answer);
  const strata = rows.map(({ stratum }) => stratum);
  const resampling = new Resampling(columns.table(rows), strata, 4);
  return { resampling, figure };
}

const ROWS = [row('a', 'a'), row('a', 'b'), row('b', 'b'), row('b', null), row('c', 'd')];

describe('macroF1', () => {
  it('is the mean F1 of the classes that are a truth', () => {
    // a: 2 · 1 / (2 + 1), b: 2 · 1 / (2 + 2), c: 0; d is nobody's truth.
    const { resampling, figure } = scoreOf(ROWS);
    expect(resampling.ofAll(figure).value).toBeCloseTo((2 / 3 + 1 / 2 + 0) / 3, 12);
  });

  it('keeps the classes of two strata apart', () => {
    const { resampling, figure } = scoreOf([...ROWS, row('a', 'a', 1), row('e', 'a', 1)]);
    expect(resampling.of(1, figure).value).toBeCloseTo((2 / 3 + 0) / 2, 12);
    expect(resampling.ofAll(figure).value).toBeCloseTo((2 / 3 + 1 / 2 + 0 + 2 / 3 + 0) / 5, 12);
  });

  it('leaves a class out of the resamples that lack it, even where it is said', () => {
    const rows = [row('a', 'a'), row('b', 'c'), row('c', 'c')];
    const columns = new Columns<Row>();
    const figure = macroF1(columns, ({ answer }) => answer);
    const stratum = new Stratum(columns.table(rows), Uint32Array.of(0, 1, 2));
    const at = (...weights: number[]): number | null => {
      stratum.weights.set(weights);
      return figure(stratum.sums());
    };
    expect(at(1, 1, 1)).toBeCloseTo((1 + 0 + 2 / 3) / 3, 12);
    expect(at(1, 2, 0)).toBeCloseTo((1 + 0) / 2, 12);
    expect(at(0, 0, 3)).toBe(1);
    expect(at(0, 2, 1)).toBeCloseTo((0 + 2 / 4) / 2, 12);
  });

  it('is null where an item has no one class, in its stratum and in all', () => {
    const { resampling, figure } = scoreOf([...ROWS, { stratum: 1, answer: null }]);
    expect(resampling.of(1, figure).value).toBeNull();
    expect(resampling.ofAll(figure).value).toBeNull();
    expect(resampling.of(0, figure).value).not.toBeNull();
  });
});
