import { describe, expect, it } from 'vitest';
import { resultOf } from '../../../test/support/steps.ts';
import { seededDraws } from './draws.ts';
import type { FeatureMatrix } from './features.ts';
import { principalPlane } from './principal-plane.ts';

const planeOf = (rows: number[][]) =>
  resultOf(
    principalPlane({
      rows: rows.length,
      width: rows[0]?.length ?? 0,
      values: Float32Array.from(rows.flat()),
    }),
  );

it('finds the axes of a cross, the longer one first, with the largest component positive', () => {
  const plane = planeOf([
    [5, 1 - 6, 2],
    [5, 1 + 6, 2],
    [5, 1, 2 - 3],
    [5, 1, 2 + 3],
  ]);
  const rounded = (values: Iterable<number>) =>
    Array.from(values, (one) => Math.round(one * 1e6) / 1e6 + 0);
  expect(rounded(plane.directions)).toEqual([0, 1, 0, 0, 0, 1]);
  expect(rounded(plane.points)).toEqual([-6, 0, 6, 0, 0, -3, 0, 3]);
  expect(plane.explained[0]).toBeCloseTo(0.8, 12);
  expect(plane.explained[1]).toBeCloseTo(0.2, 12);
});

it('is the same however often it is asked, and whichever way the features point', () => {
  const values = Float32Array.from(seededDraws(1).head(60, 20).weights);
  const features: FeatureMatrix = { rows: 60, width: 20, values };
  const first = resultOf(principalPlane(features));
  expect(resultOf(principalPlane(features))).toEqual(first);
  const turned = resultOf(principalPlane({ ...features, values: values.map((one) => -one) }));
  first.directions.forEach((one, place) => {
    expect(turned.directions[place]).toBeCloseTo(one, 7);
  });
  const [one, two] = [first.directions.subarray(0, 20), first.directions.subarray(20)];
  expect(one.reduce((sum, value, place) => sum + value * (two[place] ?? NaN), 0)).toBeCloseTo(
    0,
    10,
  );
  for (const direction of [one, two]) {
    expect(Math.hypot(...direction)).toBeCloseTo(1, 10);
    const largest = [...direction].sort((a, b) => Math.abs(b) - Math.abs(a))[0];
    expect(largest).toBeGreaterThan(0);
  }
});

describe('where there is no plane', () => {
  it('nothing varies', () => {
    const { points, explained } = planeOf([
      [1, 2, 3],
      [1, 2, 3],
    ]);
    expect([...points].map(Math.abs)).toEqual([0, 0, 0, 0]);
    expect(explained).toEqual([0, 0]);
  });

  it('one image, one feature, or all on a line', () => {
    expect([...planeOf([[4, 5]]).points].map(Math.abs)).toEqual([0, 0]);
    expect([...planeOf([[4], [6]]).points].map((one) => one + 0)).toEqual([-1, 0, 1, 0]);
    const line = planeOf([
      [0, 0],
      [3, 4],
      [6, 8],
    ]);
    expect(line.explained[0]).toBeCloseTo(1, 12);
    expect(line.explained[1]).toBeCloseTo(0, 12);
    [-5, 0, 0, 0, 5, 0].forEach((value, place) => {
      expect(line.points[place]).toBeCloseTo(value, 5);
    });
  });
});
