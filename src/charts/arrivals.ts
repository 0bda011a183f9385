/** Which samples have come since the last picture of a run in progress, row by row of the bars. Pure. */

/** A row of the bars: one checkpoint's samples with one answer. */
export interface CountedRow {
  readonly series: string;
  readonly answer: string | null;
  readonly count: number;
}

export interface Arrival {
  /** Unlike all others of the run. */
  readonly id: string;
  readonly series: string;
  readonly answer: string | null;
  /** 1 for a dot, more in bulk. */
  readonly count: number;
  /** Those of one picture come one after the other. */
  readonly delayMs: number;
}

/** Up to this K each sample is a dot of its own. */
export const MOST_SINGLE = 64;
/** Pictures of a run are at least this far apart: what one brought has come before the next. */
const SPREAD_MS = 130;

const nameOf = ({ series, answer }: Omit<CountedRow, 'count'>): string =>
  `${series}:${answer ?? ''}`;

/** @param k samples asked for, per checkpoint: many come in bulk, one lump a row */
export function arrivalsSince(
  before: readonly CountedRow[],
  now: readonly CountedRow[],
  k: number,
): readonly Arrival[] {
  const counts = new Map(before.map((row) => [nameOf(row), row.count]));
  const come = now.flatMap((row): Omit<Arrival, 'delayMs'>[] => {
    const known = counts.get(nameOf(row)) ?? 0;
    const { series, answer, count } = row;
    const made = (at: number, size: number) => ({
      ...{ id: `${nameOf(row)}:${String(at)}`, series, answer },
      count: size,
    });
    if (count <= known) return [];
    if (k > MOST_SINGLE) return [made(count, count - known)];
    return Array.from({ length: count - known }, (_, at) => made(known + at + 1, 1));
  });
  const step = SPREAD_MS / Math.max(1, come.length);
  return come.map((one, at) => ({ ...one, delayMs: Math.round(at * step) }));
}
