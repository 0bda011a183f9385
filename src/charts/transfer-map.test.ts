import { describe, expect, test } from 'vitest';
import type { TransferCell, TransferReading } from '../core/sets/transfer.ts';
import { cellAfter, layoutTransfer, type TransferLine } from './transfer-layout.ts';
import { cellInterval, cellNumber, cellWords, transferTable } from './transfer-words.ts';
import { toneOf } from './transfer-tone.ts';

const cell = (dataset: string, value: number | null, reading: TransferReading): TransferCell => ({
  ...{ dataset, items: reading === 'few' ? 2 : 40, k: 8, reading },
  change: { value, interval: value === null ? null : { lower: value - 0.1, upper: value + 0.1 } },
  byChance: { value: 0.01, interval: { lower: -0.03, upper: 0.05 } },
});
const line = (id: string, cells: readonly TransferCell[] | null, own: readonly string[] = []) => ({
  ...{ id, child: id, title: `sft → ${id}`, parent: 'sft', about: 'RL on b', own, cells },
  stage: 'rl' as const,
});
const COLUMNS = ['a', 'b', 'c'].map((dataset) => ({
  ...{ dataset, title: `${dataset}MNIST`, shortTitle: dataset, about: 'images' },
}));
const LINES: readonly TransferLine[] = [
  line('rl', [cell('a', 0.24, 'up'), cell('b', 0.5, 'no clear change'), cell('c', -0.12, 'down')]),
  line('rl-one', [cell('a', 0.9, 'few'), cell('b', null, 'unknown')], ['b']),
  line('rl-two', null),
];
const placed = (width: number) => layoutTransfer(LINES, COLUMNS, width);
const cellsOf = (width: number) => placed(width).lines.flatMap(({ cells }) => cells);

describe('the transfer map', () => {
  test('only changes that count have a tone, and only they set the scale', () => {
    expect(placed(1000).scale).toBe(0.3);
    expect(cellsOf(1000).map(({ strength }) => strength)).toEqual([
      ...[0.24 / 0.3, null, expect.closeTo(0.4)],
      ...[null, null, null],
      ...[null, null, null],
    ]);
    expect(layoutTransfer([], COLUMNS, 500).scale).toBe(0.1);
  });

  test('a stronger change has more of its hue, and the two directions have two', () => {
    expect(toneOf('up', 0)).toContain('var(--rise) 30%');
    expect(toneOf('up', 1)).toContain('var(--rise) 100%');
    expect(toneOf('down', 0.5)).toContain('var(--fall) 65%');
  });

  test('own sets are marked, and a set that was not asked has no cell', () => {
    const cells = cellsOf(1000);
    expect(cells.filter(({ isOwn }) => isOwn).map(({ key }) => key)).toEqual(['rl-one b']);
    expect(cells.filter((one) => one.cell === null).map(({ key }) => key)).toEqual([
      ...['rl-one c', 'rl-two a', 'rl-two b', 'rl-two c'],
    ]);
  });

  test('titles stand beside the cells or, on a phone, above them; nothing overlaps', () => {
    for (const width of [360, 1000]) {
      const { lines, cellHeight, cellWidth, left, hasIntervals, height, keyY } = placed(width);
      expect(left > 0).toBe(width === 1000);
      expect(hasIntervals).toBe(width === 1000 || cellWidth > 100);
      for (const [at, { titleY, cells }] of lines.entries()) {
        const top = cells[0]?.y ?? 0;
        if (width === 360) expect(titleY).toBeLessThan(top);
        const next = lines[at + 1]?.cells[0]?.y ?? keyY;
        expect(next).toBeGreaterThan(top + cellHeight);
      }
      expect(height).toBeGreaterThan(keyY);
    }
    // Many sets on a phone: wider than the page rather than unreadable.
    const many = Array.from({ length: 12 }, (_, at) => ({ ...COLUMNS[0], dataset: String(at) }));
    const columns = many.map(({ dataset }) => ({
      ...{ dataset, title: dataset, shortTitle: dataset, about: '' },
    }));
    expect(layoutTransfer(LINES, columns, 360).width).toBeGreaterThan(600);
  });

  test('arrows walk the cells and end at the edges', () => {
    const layout = placed(1000);
    const walk = (key: string, pressed: string) => cellAfter(layout, key, pressed);
    expect(walk('rl a', 'ArrowRight')).toBe('rl b');
    expect(walk('rl a', 'ArrowDown')).toBe('rl-one a');
    expect(walk('rl-one c', 'Home')).toBe('rl-one a');
    expect(walk('rl-one a', 'End')).toBe('rl-one c');
    expect(walk('rl a', 'ArrowLeft')).toBeNull();
    expect(walk('rl a', 'ArrowUp')).toBeNull();
    expect(walk('rl-two c', 'ArrowDown')).toBeNull();
    expect(walk('rl a', 'x')).toBeNull();
    expect(walk('gone', 'ArrowDown')).toBeNull();
  });

  test('says value, interval, items, reading and what chance alone gives', () => {
    const [first, second, third] = cellsOf(1000);
    const last = cellsOf(1000).at(-1);
    if (!first?.cell || !second || !third?.cell || !last) throw new Error('There are cells.');
    expect([first, third, { ...first, cell: null }, last].map(cellNumber)).toEqual([
      ...['+0.24', '−0.12', '–', '…'],
    ]);
    expect(cellInterval(third.cell)).toBe('−0.22 to −0.02');
    expect(cellWords(first, 'support')).toEqual({
      place: 'sft → rl (RL on b), asked about aMNIST',
      finding: 'ΔS at k = 8 +0.24 (+0.14 to +0.34), 40 items: up',
      chance: 'by chance alone, sft under another seed: +0.01 (−0.03 to +0.05)',
    });
    expect(cellWords(first, 'accuracy').chance).toContain('has no seed');
    expect(cellWords(second, 'informative').finding).toContain('no clear change');
    expect(cellWords(last, 'accuracy').finding).toBe('being worked out');
    const { columns, rows } = transferTable(placed(1000), 'support');
    expect(rows).toHaveLength(9);
    expect(rows.every((row) => row.length === columns.length)).toBe(true);
    expect(rows[3]?.slice(4)).toEqual([
      ...['2', 'ΔS at k = 8 +0.90 (+0.80 to +1.00)', 'too few items to say'],
      'by chance alone, sft under another seed: +0.01 (−0.03 to +0.05)',
    ]);
  });
});
