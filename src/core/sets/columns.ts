/** Columns of a resampling, and the figures that are functions of their sums. */
import type { ItemTable, Statistic, StratumPart, Sums } from './stratum.ts';

/** Writes the columns of a row from place `from` on; what it leaves is 0. */
type Fill<Row> = (row: Row, into: Float64Array, from: number) => void;

export class Columns<Row> {
  private readonly fills: { readonly from: number; readonly fill: Fill<Row> }[] = [];
  private readonly parts: {
    readonly from: number;
    readonly of: (rows: readonly Row[]) => StratumPart;
  }[] = [];
  private width = 0;

  /** Sum over the items. */
  total(read: (row: Row) => number): Statistic {
    const from = this.reserve(1, (row, into, place) => {
      into[place] = read(row);
    });
    return (sums) => at(sums, from);
  }

  /** Mean over the items that have the value; `null` where none has it. */
  mean(read: (row: Row) => number | null): Statistic {
    const from = this.reserve(2, (row, into, place) => {
      const value = read(row);
      if (value === null) return;
      into[place] = value;
      into[place + 1] = 1;
    });
    return (sums) => quotient(at(sums, from), at(sums, from + 1));
  }

  /**
   * A figure of a stratum that is no sum over its items, but can be added up over strata.
   *
   * @param size the places it takes
   * @param of what fills them, from the rows of all items
   * @returns its first place in the sums
   */
  part(size: number, of: (rows: readonly Row[]) => StratumPart): number {
    const from = this.width;
    this.width += size;
    this.parts.push({ from, of });
    return from;
  }

  table(rows: readonly Row[]): ItemTable {
    const { width } = this;
    const values = new Float64Array(rows.length * width);
    rows.forEach((row, item) => {
      for (const { from, fill } of this.fills) fill(row, values, item * width + from);
    });
    const parts = this.parts.map(({ from, of }) => ({ from, part: of(rows) }));
    return { items: rows.length, width, values, parts };
  }

  private reserve(size: number, fill: Fill<Row>): number {
    const from = this.width;
    this.width += size;
    this.fills.push({ from, fill });
    return from;
  }
}

export const at = (sums: Sums, column: number): number => sums[column] ?? 0;

/** `null` for a quotient by 0. */
export const quotient = (value: number, by: number): number | null =>
  by === 0 ? null : value / by;

/** A figure of two others; `null` where one of them is. */
export function combine(
  a: Statistic,
  b: Statistic,
  of: (a: number, b: number) => number | null,
): Statistic {
  return (sums) => {
    const first = a(sums);
    const second = b(sums);
    return first === null || second === null ? null : of(first, second);
  };
}

export const minus = (a: Statistic, b: Statistic): Statistic => combine(a, b, (x, y) => x - y);
