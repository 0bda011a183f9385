/**
 * The probes on features of a checkpoint equal PyTorch's and numpy's on the same features
 * (`recipes/probe`): to the logit with PyTorch's own draws, and within a point, over seeds, with ours.
 */
import { describe, expect, it } from 'vitest';
import { seededDraws } from '../../src/core/probe/draws.ts';
import { largestAt, type ProbeSets } from '../../src/core/probe/features.ts';
import { writeLogits, type LinearHead } from '../../src/core/probe/linear-head.ts';
import {
  classProbabilities,
  trainLinearProbe,
  type TrainedProbe,
} from '../../src/core/probe/linear-probe.ts';
import { classifierFigures } from '../../src/core/probe/classifier-figures.ts';
import { principalPlane } from '../../src/core/probe/principal-plane.ts';
import { RELEASED_PROBE, SMALL_SET_PROBE } from '../../src/core/probe/settings.ts';
import { neighbourStudy } from '../../src/core/probe/studies.ts';
import {
  float32Of,
  float64Of,
  storedDraws,
  storedFeatures,
  storedProbeSets,
  storedSets,
} from '../support/probe-fixture.ts';
import { resultOf } from '../support/steps.ts';

const SETTINGS = { released: RELEASED_PROBE, smallSet: SMALL_SET_PROBE };
const SETTING_NAMES = ['released', 'smallSet'] as const;
/** Of one training by the released settings the accuracy has a spread of two points over seeds, on RetinaMNIST. */
const SEEDS = 20;
/** PyTorch trains in float32. */
const LOGIT_TOLERANCE = 2e-3;
const POINT = 0.01;

function testLogits(head: LinearHead, { test }: ProbeSets): Float64Array {
  const logits = new Float64Array(test.features.rows * head.classes);
  for (let row = 0; row < test.features.rows; row += 1) {
    writeLogits(head, test.features.values, row * head.width, logits, row * head.classes);
  }
  return logits;
}

function testFigures({ head }: TrainedProbe, { classes, test }: ProbeSets) {
  const scores = classProbabilities(head, test.features);
  const said = test.labels.map((_, image) => largestAt(scores, image * classes, classes));
  return resultOf(classifierFigures({ classes, labels: test.labels, said, scores }, 0));
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce(
    (most, value, at) => Math.max(most, Math.abs(value - (b[at] ?? NaN))),
    0,
  );
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

describe.each(storedSets)('$name', (set) => {
  const sets = storedProbeSets(set);

  it.each(SETTING_NAMES)('%s: trained with PyTorch’s draws, the logits are PyTorch’s', (name) => {
    const end = set.trace.ends[name];
    const trained = resultOf(trainLinearProbe(sets, SETTINGS[name], storedDraws(set)));
    expect(trained.chosenEpoch).toBe(end.chosenEpoch + 1);
    expect(
      largestDifference(
        trained.epochs.map(({ val }) => val?.accuracy ?? NaN),
        end.valAccuracy,
      ),
    ).toBeLessThan(1e-6);
    const logits = testLogits(trained.head, sets);
    expect(largestDifference(logits, float32Of(end.chosenLogits))).toBeLessThan(LOGIT_TOLERANCE);
    const figures = testFigures(trained, sets);
    expect(figures.accuracy.value).toBeCloseTo(end.figures.accuracy, 12);
    expect(figures.macroF1.value).toBeCloseTo(end.figures.macroF1, 12);
    expect(figures.macroAuc.value).toBeCloseTo(end.figures.macroAuc, 3);
    const last = resultOf(
      trainLinearProbe({ ...sets, val: null }, SETTINGS[name], storedDraws(set)),
    );
    expect(last.chosenBy).toBe('last');
    expect(largestDifference(testLogits(last.head, sets), float32Of(end.lastLogits))).toBeLessThan(
      LOGIT_TOLERANCE,
    );
  });

  it.each(SETTING_NAMES)('%s: with our draws the accuracy is within a point', (name) => {
    const accuracies = Array.from({ length: SEEDS }, (_, seed) => {
      const trained = trainLinearProbe({ ...sets, val: null }, SETTINGS[name], seededDraws(seed));
      return testFigures(resultOf(trained), sets).accuracy.value ?? NaN;
    });
    const difference = mean(accuracies) - set.linear[name].last.accuracy;
    expect(Math.abs(difference)).toBeLessThan(POINT);
  });

  it('kNN says what numpy says of every image', () => {
    const { k, said, accuracy, macroF1, confusion } = set.nearest;
    const result = resultOf(neighbourStudy(sets, k));
    expect([...result.said]).toEqual(said);
    expect(result.figures.accuracy.value).toBeCloseTo(accuracy, 12);
    expect(result.figures.macroF1.value).toBeCloseTo(macroF1, 12);
    expect([...result.figures.confusion]).toEqual(confusion.flat());
  });

  it('the principal plane is that of numpy’s singular values, up to sign', () => {
    const plane = resultOf(principalPlane(storedFeatures(set)));
    const stored = float64Of(set.plane.directions);
    for (const axis of [0, 1]) {
      const [ours, theirs] = [plane.directions, stored].map((directions) =>
        directions.subarray(axis * set.width, (axis + 1) * set.width),
      );
      const sign = Math.sign((ours?.[0] ?? NaN) * (theirs?.[0] ?? NaN));
      expect(
        largestDifference(
          ours ?? [],
          (theirs ?? new Float64Array()).map((one) => sign * one),
        ),
      ).toBeLessThan(1e-7);
      expect(plane.explained[axis]).toBeCloseTo(set.plane.explained[axis] ?? NaN, 10);
    }
  });
});
