/**
 * Rows to Parquet, row group by row group: what is held is one group. Encoding a group takes longer
 * than a page may be silent, so it is done here.
 */

import { transfer } from 'comlink';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { NamedError } from '../../src/protocol/errors.ts';
import type {
  ColumnType,
  TableCell,
  TableFormat,
  TableRows,
  TableService,
} from '../../src/protocol/table.ts';

/** A group is closed by whichever comes first. Small groups would each repeat the texts that are in all rows. */
const GROUP_ROWS = 16_384;
const GROUP_CHARACTERS = 16 * 2 ** 20;

type Element = ConstructorParameters<typeof ParquetWriter>[0]['schema'][number];

const ELEMENTS: Readonly<Record<ColumnType, Pick<Element, 'type' | 'converted_type'>>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  integer: { type: 'INT64' },
  number: { type: 'DOUBLE' },
  flag: { type: 'BOOLEAN' },
};

export class ParquetService implements TableService {
  private table: ParquetTable | null = null;

  begin(format: TableFormat): Promise<Uint8Array<ArrayBuffer>> {
    this.table = new ParquetTable(format);
    return Promise.resolve(this.table.take());
  }

  add(rows: readonly TableRows[]): Promise<Uint8Array<ArrayBuffer>> {
    for (const one of rows) this.open().add(one);
    return Promise.resolve(this.open().take());
  }

  finish(): Promise<Uint8Array<ArrayBuffer>> {
    const table = this.open();
    table.finish();
    this.table = null;
    return Promise.resolve(table.take());
  }

  private open(): ParquetTable {
    if (this.table) return this.table;
    throw new NamedError('Internal', 'No table was begun.');
  }
}

type ParquetCell = string | number | bigint | boolean | null;

class ParquetTable {
  private readonly writer = new ByteWriter();
  private readonly parquet: ParquetWriter;
  private readonly columns: { readonly type: ColumnType; readonly cells: ParquetCell[] }[];
  private rows = 0;
  private characters = 0;

  constructor(private readonly format: TableFormat) {
    const { columns, metadata } = format;
    this.columns = columns.map(({ type }) => ({ type, cells: [] }));
    this.parquet = new ParquetWriter({
      writer: this.writer,
      schema: [
        { name: 'root', num_children: columns.length },
        ...columns.map(({ name, type, optional }): Element => ({
          name,
          ...ELEMENTS[type],
          repetition_type: optional ? 'OPTIONAL' : 'REQUIRED',
        })),
      ],
      kvMetadata: Object.entries(metadata).map(([key, value]) => ({ key, value })),
      createdBy: 'Supportlens with hyparquet-writer',
    });
  }

  add({ count, cells }: TableRows): void {
    for (const [at, { type, cells: column }] of this.columns.entries()) {
      const own = cells[at] ?? null;
      if (isList(own)) for (const cell of own) this.push(column, type, cell);
      else for (let row = 0; row < count; row += 1) this.push(column, type, own);
    }
    this.rows += count;
    if (this.rows >= GROUP_ROWS || this.characters >= GROUP_CHARACTERS) this.writeGroup();
  }

  finish(): void {
    if (this.rows > 0) this.writeGroup();
    void this.parquet.finish();
  }

  /** The bytes since the last call. */
  take(): Uint8Array<ArrayBuffer> {
    const bytes = this.writer.getBytes().slice();
    this.writer.index = 0;
    return transfer(bytes, [bytes.buffer]);
  }

  private push(column: ParquetCell[], type: ColumnType, cell: TableCell): void {
    column.push(type === 'integer' && typeof cell === 'number' ? BigInt(cell) : cell);
    if (typeof cell === 'string') this.characters += cell.length;
  }

  private writeGroup(): void {
    void this.parquet.write({
      columnData: this.format.columns.map(({ name }, at) => ({
        name,
        data: this.columns[at]?.cells ?? [],
      })),
      rowGroupSize: this.rows,
    });
    for (const { cells } of this.columns) cells.length = 0;
    this.rows = 0;
    this.characters = 0;
  }
}

const isList = (cell: TableCell | readonly TableCell[]): cell is readonly TableCell[] =>
  Array.isArray(cell);
