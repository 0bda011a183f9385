import { expect, test } from 'vitest';
import { layoutReweight, REWEIGHT_TOP, type ReweightSeries } from './reweight-layout.ts';

const answers = [
  { key: 'A', label: 'basophil', correct: false },
  { key: 'B', label: 'eosinophil', correct: true },
];
const series = (id: string, outcomes: ReweightSeries['outcomes'] = []): ReweightSeries => ({
  id,
  title: id,
  stage: 'sft',
  outcomes,
});
const weighted = { probability: 0.25, interval: { lower: 0.1, upper: 0.5 } };

test('a row per answer and checkpoint, apart from each other and inside the height', () => {
  for (const count of [1, 2, 4]) {
    const all = Array.from({ length: count }, (_, at) => series(String(at)));
    const { marks, height, bar } = layoutReweight(all, answers, 300);
    expect(marks).toHaveLength(2 * count);
    const tops = [...marks.map(({ y }) => y - bar / 2), height];
    expect(tops[0]).toBeGreaterThanOrEqual(REWEIGHT_TOP);
    marks.forEach(({ y }, at) => {
      expect(y + bar / 2).toBeLessThanOrEqual(tops[at + 1] ?? 0);
    });
  }
});

test('the axis is from 0 to 1 whatever is on it, and leaves room for the value', () => {
  const low = layoutReweight(
    [series('x', [{ answer: 'B', sampled: 0.01, weighted }])],
    answers,
    300,
  );
  expect(low.scale(0)).toBe(0);
  expect(low.labelWidth + low.scale(1)).toBeLessThanOrEqual(300 - 40);
  expect(low.scale(0.5)).toBeCloseTo(low.scale(1) / 2);
});

test('an answer that a checkpoint never gave has a row without a mark', () => {
  const { marks } = layoutReweight(
    [series('x', [{ answer: 'B', sampled: 1, weighted }])],
    answers,
    300,
  );
  expect(marks.map(({ outcome }) => [outcome.sampled, outcome.weighted])).toEqual([
    [0, null],
    [1, weighted],
  ]);
});
