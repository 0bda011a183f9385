import { expect, test } from 'vitest';
import { coolingScales, namedMarks, shareOnLine } from './cooling-layout.ts';

const mark = (temperature: number, entropyNats: number, sampleAccuracy: number) => ({
  ...{ temperature, entropyNats, sampleAccuracy },
});
const CURVE = [mark(0, 0, 0.62), mark(0.4, 0.3, 0.6), mark(0.45, 0.33, 0.59), mark(1, 0.9, 0.52)];
const CHILD = mark(1, 0.31, 0.71);

test('the axes hold the curve, the child and its interval, on round ticks', () => {
  expect(coolingScales(CURVE, CHILD, { lower: 0.64, upper: 0.83 })).toEqual({
    xMax: 1,
    xTicks: [0, 0.2, 0.4, 0.6, 0.8, 1],
    yMin: 0.5,
    yMax: 0.9,
    yTicks: [0.5, 0.6, 0.7, 0.8, 0.9],
  });
});

test('never leave 0 to 1, and thin their ticks out', () => {
  const scales = coolingScales([mark(0, 0, 0), mark(1, 2, 1)], CHILD, null);
  expect(scales).toMatchObject({ yMin: 0, yMax: 1, xMax: 2 });
  expect(scales.yTicks).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  expect(scales.xTicks).toEqual([0, 0.5, 1, 1.5, 2]);
});

test('have a height and a width where all is alike', () => {
  const scales = coolingScales([mark(0, 0, 0.5)], mark(1, 0, 0.5), null);
  expect(scales.yMax).toBeGreaterThan(scales.yMin);
  expect(scales.xMax).toBeGreaterThan(0);
});

test('the ends and the compared temperature are named', () => {
  const named = (compared: (typeof CURVE)[number] | null) =>
    namedMarks(CURVE, compared).map(({ temperature }) => temperature);
  expect(named(CURVE[1] ?? null)).toEqual([0, 0.4, 1]);
  expect(named(null)).toEqual([0, 1]);
});

test('the line between the marks is straight, and ends where they end', () => {
  expect(shareOnLine(CURVE, 0.15)).toBeCloseTo(0.61, 12);
  expect(shareOnLine(CURVE, 0.33)).toBe(0.59);
  expect(shareOnLine(CURVE.slice(1), 0.1)).toBe(0.6);
  expect(shareOnLine(CURVE, 2)).toBe(0.52);
});
