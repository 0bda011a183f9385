/** Geometry and tone of the transfer map: a row per RL step, a column per set. Pure, in pixels. */
import type { Stage } from '../core/types.ts';
import type { TransferCell } from '../core/sets/transfer.ts';

export interface TransferColumn {
  readonly dataset: string;
  readonly title: string;
  /** For narrow columns. */
  readonly shortTitle: string;
  /** Modality; `''` where it is not known. */
  readonly about: string;
}

export interface TransferLine {
  readonly id: string;
  /** Its checkpoint. */
  readonly child: string;
  /** `tiny-sft → tiny-rl`. */
  readonly title: string;
  readonly parent: string;
  readonly stage: Stage;
  /** Where its RL was run, in words. */
  readonly about: string;
  /** The sets of its RL; empty where they are not known. */
  readonly own: readonly string[];
  /** `null` while they are worked out. */
  readonly cells: readonly TransferCell[] | null;
}

export interface PlacedCell {
  readonly key: string;
  readonly line: TransferLine;
  readonly column: TransferColumn;
  readonly x: number;
  readonly y: number;
  readonly isOwn: boolean;
  /** `null` where the row was not asked about the set. */
  readonly cell: TransferCell | null;
  /** 0 … 1 of the scale for a change that counts; `null` for every other. */
  readonly strength: number | null;
}

export interface PlacedLine {
  readonly line: TransferLine;
  /** Baseline of its title. */
  readonly titleY: number;
  readonly cells: readonly PlacedCell[];
}

export interface TransferLayout {
  readonly width: number;
  readonly height: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
  /** Where the columns begin. */
  readonly left: number;
  /** Room for a row's title, px. */
  readonly titleWidth: number;
  readonly lines: readonly PlacedLine[];
  /** The change at which a tone is full; the scale runs to both sides of 0. */
  readonly scale: number;
  /** Is there room for the interval in a cell? */
  readonly hasIntervals: boolean;
  /** Top of the key below the map. */
  readonly keyY: number;
}

const LABEL_WIDTH = 236;
const LEAST_CELL = 54;
const MOST_CELL = 150;
const HEADER = 36;
const KEY = 34;
const GAP = 3;
/** Below this there is no room for titles beside the cells. */
const WIDE = 760;
/** `−0.25 to −0.05` in 11 px. */
const INTERVAL_WIDTH = 92;

export function layoutTransfer(
  lines: readonly TransferLine[],
  columns: readonly TransferColumn[],
  width: number,
): TransferLayout {
  const isWide = width >= WIDE;
  const left = isWide ? LABEL_WIDTH : 0;
  const cellWidth = Math.min(
    MOST_CELL,
    Math.max(LEAST_CELL, (width - left) / Math.max(1, columns.length)),
  );
  const cellHeight = isWide ? 48 : 44;
  const above = isWide ? 0 : 38;
  const pitch = above + cellHeight + GAP + (isWide ? 0 : 8);
  const scale = scaleOf(lines);
  const keyY = HEADER + lines.length * pitch + 10;
  return {
    width: Math.max(width, left + columns.length * cellWidth),
    height: keyY + KEY,
    ...{ cellWidth, cellHeight, left, scale, keyY },
    titleWidth: isWide ? LABEL_WIDTH - 12 : width,
    hasIntervals: cellWidth >= INTERVAL_WIDTH + 8,
    lines: lines.map((line, at) => {
      const top = HEADER + at * pitch;
      return {
        line,
        titleY: top + (isWide ? 20 : 14),
        cells: columns.map((column, place) => {
          const cell = line.cells?.find(({ dataset }) => dataset === column.dataset) ?? null;
          return {
            key: `${line.id} ${column.dataset}`,
            ...{ line, column, cell },
            x: left + place * cellWidth,
            y: top + above,
            isOwn: line.own.includes(column.dataset),
            strength: strengthOf(cell, scale),
          };
        }),
      };
    }),
  };
}

const isFinding = ({ reading }: TransferCell): boolean => reading === 'up' || reading === 'down';

function strengthOf(cell: TransferCell | null, scale: number): number | null {
  if (cell === null || !isFinding(cell) || cell.change.value === null) return null;
  return Math.min(1, Math.abs(cell.change.value) / scale);
}

/** The largest change that counts, rounded up to a tenth: noise does not set the scale. */
function scaleOf(lines: readonly TransferLine[]): number {
  const changes = lines
    .flatMap(({ cells }) => cells ?? [])
    .filter(isFinding)
    .map(({ change }) => Math.abs(change.value ?? 0));
  return Math.max(1, Math.ceil(10 * Math.max(0, ...changes) - 1e-9)) / 10;
}

/** The cell that an arrow, Home or End leads to; `null` for every other key and beyond the edge. */
export function cellAfter(layout: TransferLayout, key: string, pressed: string): string | null {
  const rows = layout.lines.map(({ cells }) => cells.map((cell) => cell.key));
  const row = rows.findIndex((keys) => keys.includes(key));
  const column = rows[row]?.indexOf(key) ?? -1;
  if (column < 0) return null;
  const last = (rows[row]?.length ?? 0) - 1;
  const ways: Readonly<Record<string, readonly [row: number, column: number]>> = {
    ArrowLeft: [row, column - 1],
    ArrowRight: [row, column + 1],
    ArrowUp: [row - 1, column],
    ArrowDown: [row + 1, column],
    Home: [row, 0],
    End: [row, last],
  };
  const [nextRow, nextColumn] = ways[pressed] ?? [-1, -1];
  return rows[nextRow]?.[nextColumn] ?? null;
}
