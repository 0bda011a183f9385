import { expect, test } from 'vitest';
import { gainDots } from './gain-dots.ts';

test('items at one place are one dot whose area goes with their number', () => {
  const at = (parent: number, gain: number, times: number) =>
    Array.from({ length: times }, () => ({ parent, gain }));
  const dots = gainDots([...at(0.1, 0, 1), ...at(0.5, -0.25, 4), ...at(0.1 + 1e-12, 0, 1)]);
  expect(dots.map(({ items }) => items)).toEqual([4, 2]);
  expect((dots[0]?.radius ?? 0) ** 2 / (dots[1]?.radius ?? 1) ** 2).toBeCloseTo(2, 9);
  expect(gainDots([])).toEqual([]);
});

test('many at one place stay within bounds, and a single one is still seen', () => {
  const dots = gainDots([
    ...Array.from({ length: 900 }, () => ({ parent: 0, gain: 0 })),
    { parent: 1, gain: 0 },
  ]);
  expect(dots.map(({ radius }) => radius)).toEqual([12, 2]);
});
