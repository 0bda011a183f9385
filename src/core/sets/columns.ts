/** Columns of a resampling, and the figures that are functions of their sums. */
import type { Statistic, Sums } from './resampling.ts';

/** Reads one column of an item. */
type Read<Row> = (row: Row) => number;

export class Columns<Row> {
  private readonly reads: Read<Row>[] = [() => 1];

  /** The number of items. */
  readonly count: Statistic = (sums) => sums[0] ?? 0;

  /** A column of its own; gives its place in the sums. */
  add(read: Read<Row>): number {
    return this.reads.push(read) - 1;
  }

  /** Mean over the items that have the value; `null` where none has it. */
  mean(read: (row: Row) => number | null): Statistic {
    const value = this.add((row) => read(row) ?? 0);
    const present = this.add((row) => (read(row) === null ? 0 : 1));
    return (sums) => quotient(at(sums, value), at(sums, present));
  }

  /** The same, but `null` already where one item lacks the value. */
  meanOfAll(read: (row: Row) => number | null): Statistic {
    const mean = this.mean(read);
    const missing = this.add((row) => Number(read(row) === null));
    return (sums) => (at(sums, missing) > 0 ? null : mean(sums));
  }

  row(row: Row): Float64Array {
    return Float64Array.from(this.reads, (read) => read(row));
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
    const [first, second] = [a(sums), b(sums)];
    return first === null || second === null ? null : of(first, second);
  };
}

export const minus = (a: Statistic, b: Statistic): Statistic => combine(a, b, (x, y) => x - y);
