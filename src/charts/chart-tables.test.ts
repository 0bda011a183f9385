import { describe, expect, test } from 'vitest';
import { wilsonInterval } from '../core/intervals.ts';
import { barsTable, boundsTable, reweightTable, riverTable } from './answer-tables.ts';
import type { BarSeries } from './bar-series.ts';
import { layoutBars } from './bars-layout.ts';
import type { ChartTable } from './chart-table.ts';
import { layoutBounds } from './exact-bounds-layout.ts';
import { gainDots } from './gain-dots.ts';
import { mapTable } from './map-table.ts';
import { layoutReweight } from './reweight-layout.ts';
import type { EndShape } from './river-shapes.ts';
import {
  coolingTable,
  dumbbellTable,
  gainTable,
  histogramTable,
  lineageTable,
} from './set-tables.ts';
import { binsOf, countItems, evenItems } from './support-histogram-layout.ts';

const answers = [
  { key: 'A', label: 'basophil', correct: false },
  { key: 'B', label: 'eosinophil', correct: true },
];
const exact = { answers: [{ answer: 'B', lower: 0.5, upper: 0.75 }], residual: 0.25 };
/** Every row has a cell under each column. */
function isWhole({ columns, rows }: ChartTable) {
  for (const row of rows) expect(row).toHaveLength(columns.length);
}

describe('tables of answers', () => {
  const outcome = (key: string, count: number) => ({
    ...{ answer: key, label: key, count, share: count / 4, interval: wilsonInterval(count, 4) },
    ...{ correct: key === 'B', sampleIndexes: [] },
  });
  const series = (changes: Partial<BarSeries>): BarSeries => ({
    ...{ id: 'sft', title: 'tiny-sft', stage: 'sft', n: 4, outcomes: [outcome('B', 4)] },
    ...changes,
  });

  test('bars: what is not drawn is said, and each null that one checkpoint has is a column', () => {
    const both = [
      series({
        exact,
        nulls: [{ kind: 'second-seed', n: 4, counts: new Map([['B', 1]]) }],
      }),
      series({ id: 'rl', title: 'tiny-rl' }),
    ];
    const table = barsTable(layoutBars(both, answers, 0.5, 400).rows, ['second-seed'], 'exact');
    isWhole(table);
    expect(table.columns.slice(-2)).toEqual(['exact', 'second seed']);
    expect(table.rows).toHaveLength(4);
    const of = (answer: string, checkpoint: string) =>
      table.rows.find(([label, title]) => label === answer && title === checkpoint)?.slice(2);
    expect(of('eosinophil', 'tiny-sft')).toEqual([
      'yes',
      '4',
      '1',
      '0.51 to 1',
      '0.50–0.75',
      '0.25',
    ]);
    expect(of('eosinophil', 'tiny-rl')?.slice(-2)).toEqual(['unknown', 'none']);
    expect(of('basophil', 'tiny-rl')?.slice(0, 4)).toEqual(['no', '0', '0', 'none']);
  });

  test('river: a row per end, whatever the truth', () => {
    const end = (correct: boolean | null, places: readonly number[]): EndShape => ({
      answer: { key: 'B', label: 'eosinophil', correct },
      ...{ y: 0, thickness: 1, labelY: 0, places, share: places.length / 4 },
    });
    const table = riverTable([
      { title: 'tiny-sft', ends: [end(true, [0, 1, 2])] },
      { title: 'tiny-rl', ends: [end(null, [0])] },
    ]);
    isWhole(table);
    expect(table.rows).toEqual([
      ['tiny-sft', 'eosinophil', '3', '0.75', 'yes'],
      ['tiny-rl', 'eosinophil', '1', '0.25', 'unknown'],
    ]);
  });

  test('re-weighted: sampled, weighted and exact side by side; none where the target says none', () => {
    const one = {
      ...{ id: 'sft', title: 'tiny-sft', stage: 'sft' as const, exact },
      outcomes: [
        { answer: 'A', sampled: 0.5, weighted: null },
        {
          answer: 'B',
          sampled: 0.5,
          weighted: { probability: 0.25, interval: { lower: 0.1, upper: 0.5 } },
        },
      ],
    };
    const table = reweightTable(layoutReweight([one], answers, 400).marks, 'bounded');
    isWhole(table);
    expect(table.columns.at(-1)).toBe('bounded');
    expect(table.rows).toEqual([
      ['basophil', 'tiny-sft', 'no', '0.50', 'none', 'none', '<0.25'],
      ['eosinophil', 'tiny-sft', 'yes', '0.50', '0.25', '0.10 to 0.50', '0.50–0.75'],
    ]);
  });

  test('bounds: both ends and the sampled share', () => {
    const one = {
      ...{ id: 'sft', title: 'tiny-sft', stage: 'sft' as const, residual: 0.25 },
      ...{ bounds: exact.answers, sampled: new Map([['B', 0.625]]) },
    };
    const table = boundsTable(layoutBounds([one], answers, 400).rows);
    isWhole(table);
    expect(table.rows).toEqual([
      ['basophil', 'tiny-sft', 'no', '0', '0.25', '0'],
      ['eosinophil', 'tiny-sft', 'yes', '0.50', '0.75', '0.63'],
    ]);
  });
});

describe('tables of sets', () => {
  const SHARE = { value: 0.5, interval: { lower: 0.25, upper: 0.75 } };

  test('dumbbells: a row per set and side', () => {
    const side = { title: 'tiny-rl', stage: 'rl', accuracy: SHARE, support: SHARE } as const;
    const table = dumbbellTable([{ dataset: 'a', k: 4, items: 9, chance: null, sides: [side] }]);
    isWhole(table);
    expect(table.rows).toEqual([
      ['a', '9', '4', 'tiny-rl', '0.50 (0.25 to 0.75)', '0.50 (0.25 to 0.75)', 'none'],
    ]);
  });

  test('gains: every item is in a row, from the lowest P(right) on', () => {
    const items = [
      { parent: 0.75, gain: -0.25 },
      { parent: 0, gain: 0.5 },
      { parent: 0, gain: 0.5 },
    ];
    const table = gainTable(gainDots(items));
    isWhole(table);
    expect(table.rows).toEqual([
      ['0.00', '0.50', '2'],
      ['0.75', '-0.25', '1'],
    ]);
  });

  test('histogram: the line of equal hardness is there as well', () => {
    const items = [0, 2, 2].map((c) => ({ n: 2, c }));
    const bins = binsOf(2);
    const table = histogramTable(bins, [
      { title: 'tiny-sft', counts: countItems(items, bins), even: evenItems(items, bins, 2) },
    ]);
    isWhole(table);
    // p = 2/3: 1/9, 4/9 and 4/9 of three items.
    expect(table.rows).toEqual([
      ['0', '1', '0.3'],
      ['1', '0', '1.3'],
      ['2', '2', '1.3'],
    ]);
  });

  test('cooling: the parent at each temperature, then the child', () => {
    const mark = (temperature: number) => ({ temperature, entropyNats: 1, sampleAccuracy: 0.25 });
    const table = coolingTable(
      { title: 'base', marks: [mark(0), mark(0.5)] },
      { title: 'rl', mark: mark(1) },
    );
    isWhole(table);
    expect(table.rows.map(([title, t]) => [title, t])).toEqual([
      ['base', '0'],
      ['base', '0.5'],
      ['rl', '1'],
    ]);
  });

  test('lineage: a row per checkpoint, under the name of the figure', () => {
    const table = lineageTable('accuracy', [
      { title: 'base', stage: 'base', estimate: SHARE, chance: 0.125, isJoined: false },
    ]);
    isWhole(table);
    expect(table.columns[2]).toBe('accuracy');
    expect(table.rows).toEqual([['base', 'base', '0.50 (0.25 to 0.75)', '0.13']]);
  });
});

test('map: a row per image; without a run there is no column of answers', () => {
  const rows = {
    ...{ points: new Float32Array([0.5, -1, 2, 0.25]), truth: ['a', 'b'], probe: ['a', 'a'] },
    picked: new Set([1]),
  };
  const bare = mapTable({ ...rows, answer: [null, null] });
  isWhole(bare);
  expect(bare.rows).toEqual([
    ['1', 'a', 'a', '0.50', '-1.00', 'no'],
    ['2', 'b', 'a', '2.00', '0.25', 'yes'],
  ]);
  const asked = mapTable({ ...rows, answer: ['b', null] });
  isWhole(asked);
  expect(asked.rows.map((row) => row[3])).toEqual(['b', 'not asked']);
});
