import { expect, it } from 'vitest';
import { resultOf } from '../../../test/support/steps.ts';
import type { FeatureMatrix, LabelledFeatures } from './features.ts';
import { nearestNeighbours } from './neighbours.ts';

const matrix = (rows: number[][]): FeatureMatrix => ({
  rows: rows.length,
  width: rows[0]?.length ?? 0,
  values: Float32Array.from(rows.flat()),
});

const labelled = (rows: number[][], labels: number[]): LabelledFeatures => ({
  features: matrix(rows),
  labels: Int32Array.from(labels),
});

const votesOf = (train: LabelledFeatures, images: number[][], k: number, classes = 3) =>
  resultOf(nearestNeighbours(train, matrix(images), classes, k));

it('goes by the angle, not by the length', () => {
  const train = labelled(
    [
      [1, 0],
      [0, 100],
      [0, 1],
    ],
    [2, 1, 1],
  );
  const { said, votes } = votesOf(
    train,
    [
      [50, 10],
      [0.01, 0.02],
    ],
    1,
  );
  expect([...said]).toEqual([2, 1]);
  expect([...votes]).toEqual([0, 0, 1, 0, 1, 0]);
});

it('of equal votes the class that comes first is said, however near the others are', () => {
  const train = labelled(
    [
      [1, 0],
      [0.9, 0.1],
      [0.5, 0.5],
      [0.4, 0.6],
      [-1, 0],
    ],
    [2, 2, 1, 1, 0],
  );
  const { said, votes } = votesOf(train, [[1, 0]], 4);
  expect([...said]).toEqual([1]);
  expect([...votes]).toEqual([0, 0.5, 0.5]);
});

it('of images equally near the earlier ones count', () => {
  const same = [
    [1, 1],
    [2, 2],
    [4, 4],
    [1, 1],
  ];
  expect([...votesOf(labelled(same, [1, 2, 2, 2]), [[8, 8]], 1).said]).toEqual([1]);
  expect([...votesOf(labelled(same, [1, 0, 2, 2]), [[8, 8]], 2).votes]).toEqual([0.5, 0.5, 0]);
});

it('features that are all 0 are as far from everything as a right angle', () => {
  const train = labelled(
    [
      [-1, 0],
      [0, 0],
      [1, 0],
    ],
    [0, 1, 2],
  );
  expect([...votesOf(train, [[1, 0]], 2).votes]).toEqual([0, 0.5, 0.5]);
  expect([...votesOf(train, [[0, 0]], 2).votes]).toEqual([0.5, 0.5, 0]);
});
