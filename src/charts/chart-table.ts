/** The figures of a chart as a table: what a chart's drawing and its rows have in common. Pure. */

/** The first cell of a row is its head. */
export interface ChartTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Is the answer right? Words of a cell. */
export const rightWords = (correct: boolean | null): string =>
  correct === null ? 'unknown' : correct ? 'yes' : 'no';
