/** What crosses between the page and the worker that writes a table as Parquet. */

/** Parquet's own types; `text` is UTF-8, `integer` 64 bit, `number` double. */
export type ColumnType = 'text' | 'integer' | 'number' | 'flag';

export interface TableColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** May be `null`. */
  readonly optional: boolean;
}

export interface TableFormat {
  readonly columns: readonly TableColumn[];
  /** Written into the file's footer. */
  readonly metadata: Readonly<Record<string, string>>;
}

export type TableCell = string | number | boolean | null;

/** Rows that belong together, by column: one cell for all of them, or one for each. */
export interface TableRows {
  readonly count: number;
  readonly cells: readonly (TableCell | readonly TableCell[])[];
}

/** One table at a time. Bytes that are given belong to whoever received them, in the order of the calls. */
export interface TableService {
  /** Begins a table. */
  begin(format: TableFormat): Promise<Uint8Array<ArrayBuffer>>;
  /** Takes rows; gives the bytes of the row groups that are full, often none. */
  add(rows: readonly TableRows[]): Promise<Uint8Array<ArrayBuffer>>;
  /** Gives the rest of the file. */
  finish(): Promise<Uint8Array<ArrayBuffer>>;
}
