/** What the transfer map says of its cells, in words. Pure. */
import { formatDifference } from '../core/format.ts';
import { changeWords } from '../core/sets/estimate-words.ts';
import type { TransferCell, TransferMeasure, TransferReading } from '../core/sets/transfer.ts';
import type { PlacedCell, TransferLayout } from './transfer-layout.ts';

const READINGS: Readonly<Record<TransferReading, string>> = {
  up: 'up',
  down: 'down',
  'no clear change': 'no clear change',
  few: 'too few items to say',
  unknown: 'not known',
};

/** ΔA, ΔS at the informative k, or ΔS at a k. */
export function measureWords(measure: TransferMeasure, k: number | null): string {
  if (measure === 'accuracy') return 'ΔA';
  return measure === 'informative' || k === null
    ? 'ΔS at the informative k'
    : `ΔS at k = ${String(k)}`;
}

/** What stands in the cell: the sign is there as a character. */
export function cellNumber({ line, cell }: Pick<PlacedCell, 'line' | 'cell'>): string {
  if (line.cells === null) return '…';
  const value = cell?.change.value ?? null;
  return value === null ? '–' : formatDifference(value);
}

/** `−0.20 to −0.04`; `''` where there is none. */
export function cellInterval({ change: { interval } }: TransferCell): string {
  return interval === null
    ? ''
    : `${formatDifference(interval.lower)} to ${formatDifference(interval.upper)}`;
}

/** The same change by chance alone. */
export function chanceWords(
  { byChance }: TransferCell,
  parent: string,
  measure: TransferMeasure,
): string {
  if (measure === 'accuracy') return 'the first (T = 0) answer has no seed, so no null of its own';
  if (byChance === null) return 'by chance alone: a second seed was not drawn';
  return `by chance alone, ${parent} under another seed: ${changeWords(byChance)}`;
}

export interface CellWords {
  /** Which row and column. */
  readonly place: string;
  /** Value, interval, n and what may be read from it. */
  readonly finding: string;
  readonly chance: string;
}

export function cellWords(
  { line, column, cell, isOwn }: PlacedCell,
  measure: TransferMeasure,
): CellWords {
  const place = `${line.title} (${line.about}), asked about ${column.title}${isOwn ? ', one of its own sets' : ''}`;
  if (cell === null) {
    const why = line.cells === null ? 'being worked out' : 'not asked of both';
    return { place, finding: why, chance: '' };
  }
  const items = `${String(cell.items)} ${cell.items === 1 ? 'item' : 'items'}`;
  return {
    place,
    finding: `${measureWords(measure, cell.k)} ${changeWords(cell.change)}, ${items}: ${READINGS[cell.reading]}`,
    chance: chanceWords(cell, line.parent, measure),
  };
}

/** One row per cell. */
export function transferTable({ lines }: TransferLayout, measure: TransferMeasure) {
  return {
    columns: [
      ...['step', 'RL run on', 'tested on', 'one of its own sets', 'items'],
      ...['change with its 95 % interval', 'reading', 'by chance alone'],
    ],
    rows: lines.flatMap(({ cells }) =>
      cells.map(({ line, column, cell, isOwn }) => [
        ...[line.title, line.about, column.title, isOwn ? 'yes' : 'no'],
        ...(cell === null
          ? ['0', '–', 'not asked of both', '–']
          : [
              String(cell.items),
              `${measureWords(measure, cell.k)} ${changeWords(cell.change)}`,
              READINGS[cell.reading],
              chanceWords(cell, line.parent, measure),
            ]),
      ]),
    ),
  };
}

/** How the picture is to be read. */
export function transferCaption(layout: TransferLayout): readonly string[] {
  const cells = layout.lines.flatMap((line) => line.cells).filter(({ cell }) => cell !== null);
  return [
    'child minus parent on the same items',
    'hatched: the 95 % interval holds 0, or fewer than 6 items: no finding',
    'thick outline: a set that its RL was run on',
    `by chance alone 1 cell in 20 is filled${cells.length >= 10 ? `, of these ${String(cells.length)} about ${String(Math.round(cells.length / 20))}` : ''}`,
  ];
}
