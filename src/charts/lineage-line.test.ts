import { expect, test } from 'vitest';
import { lineagePaths, type LineagePoint } from './lineage-line.ts';

const point = (
  value: number | null,
  isJoined: boolean,
  chance: number | null = null,
): LineagePoint => ({
  ...{ title: 'x', stage: 'rl', isJoined, chance },
  estimate: { value, interval: null },
});
const y = (value: number): number => 100 - 100 * value;

test('steps of training are joined, others are apart, and guessing is level over each slot', () => {
  const points = [point(0.5, false, 0.25), point(0.6, true, 0.25), point(0.7, false, 0.3)];
  expect(lineagePaths(points, 10, y)).toEqual({
    joined: 'M5.0 50.0L15.0 40.0',
    apart: 'M15.0 40.0L25.0 30.0',
    chance: 'M0.0 75.0h10.0M10.0 75.0h10.0M20.0 70.0h10.0',
    chanceLabel: { x: 2, y: 70 },
  });
});

test('what has no value is joined to nothing, and without guessing there is no line of it', () => {
  const points = [point(0.5, false), point(null, true), point(0.7, true)];
  expect(lineagePaths(points, 10, y)).toEqual({
    ...{ joined: '', apart: '', chance: '', chanceLabel: null },
  });
});
