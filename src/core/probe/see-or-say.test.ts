import { expect, test } from 'vitest';
import { likeliestOf, offeredClasses, seeingChange, seeOrSay } from './see-or-say.ts';

const items = (sees: boolean, says: boolean, count: number) =>
  Array.from({ length: count }, () => ({ sees, says }));

test('counts by kind, shares, and a gap whose interval is that of paired items', () => {
  const figures = seeOrSay([
    ...items(true, true, 10),
    ...items(true, false, 20),
    ...items(false, true, 4),
    ...items(false, false, 6),
  ]);
  expect(figures?.counts).toEqual([10, 20, 4, 6]);
  expect(figures?.sees.value).toBeCloseTo(30 / 40, 12);
  expect(figures?.says.value).toBeCloseTo(14 / 40, 12);
  expect(figures?.gap.value).toBeCloseTo(16 / 40, 12);
  // The standard error of the paired difference: sd of +1 (20), −1 (4) and 0 (16) over √40.
  const error = Math.sqrt((24 / 40 - 0.4 ** 2) / 40);
  const { lower = NaN, upper = NaN } = figures?.gap.interval ?? {};
  expect(Math.abs(lower - (0.4 - 1.96 * error))).toBeLessThan(0.03);
  expect(Math.abs(upper - (0.4 + 1.96 * error))).toBeLessThan(0.03);
});

test('there is nothing to say of no items', () => {
  expect(seeOrSay([])).toBeNull();
  expect(seeingChange([])).toBeNull();
});

test('what changed in seeing is a paired difference: the same errors change nothing', () => {
  const same = Array.from({ length: 50 }, (_, at) => ({ parent: at % 3 > 0, child: at % 3 > 0 }));
  expect(seeingChange(same)).toEqual({ value: 0, interval: { lower: 0, upper: 0 } });
  const better = same.map(({ parent }, at) => ({ parent, child: parent || at < 15 }));
  const change = seeingChange(better);
  expect(change?.value).toBeCloseTo(5 / 50, 12);
  expect(change?.interval?.lower).toBeGreaterThan(0);
});

test('the likeliest class is sought among those that were offered', () => {
  const scores = Float64Array.from([0.1, 0.5, 0.3, 0.1, 0.25, 0.25, 0.25, 0.25]);
  expect(likeliestOf(scores, 0, 4, [0, 1, 2, 3])).toBe(1);
  expect(likeliestOf(scores, 0, 4, [3, 2])).toBe(2);
  expect(likeliestOf(scores, 1, 4, [2, 0, 1])).toBe(2);
});

test('options are classes, or the question is about something else', () => {
  const labels = ['basophil', 'eosinophil', 'platelet'];
  expect(offeredClasses(['platelet', 'basophil'], labels)).toEqual([2, 0]);
  expect(offeredClasses([], labels)).toEqual([0, 1, 2]);
  expect(offeredClasses(['yes', 'no'], labels)).toBeNull();
});
