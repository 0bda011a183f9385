import { describe, expect, it } from 'vitest';
import { resultOf } from '../../../test/support/steps.ts';
import { wilsonInterval } from '../intervals.ts';
import { classifierFigures } from './classifier-figures.ts';
import { seededDraws } from './draws.ts';

const figuresOf = (labels: number[], scores: number[][], resamples?: number) =>
  resultOf(
    classifierFigures(
      {
        classes: scores[0]?.length ?? 0,
        labels: Int32Array.from(labels),
        said: Int32Array.from(scores, (own) => own.indexOf(Math.max(...own))),
        scores: Float64Array.from(scores.flat()),
      },
      resamples,
    ),
  );

describe('macro AUC', () => {
  const two = (second: number[]) => second.map((score) => [1 - score, score]);

  it('is the example of sklearn.metrics.roc_auc_score', () => {
    expect(figuresOf([0, 0, 1, 1], two([0.1, 0.4, 0.35, 0.8])).macroAuc.value).toBe(0.75);
  });

  it('is 1, 0 and a half at perfect, reversed and equal scores', () => {
    expect(figuresOf([0, 0, 1], two([0.1, 0.2, 0.9])).macroAuc.value).toBe(1);
    expect(figuresOf([0, 0, 1], two([0.9, 0.8, 0.1])).macroAuc.value).toBe(0);
    expect(figuresOf([0, 0, 1], two([0.5, 0.5, 0.5])).macroAuc.value).toBe(0.5);
  });

  it('is the share of pairs in order, over the classes that occur', () => {
    const { weights } = seededDraws(3).head(80, 4);
    const labels = Array.from({ length: 80 }, (_, image) => image % 3);
    const scores = labels.map((label, image) =>
      // A few steps, so that many scores are equal; nothing is of the fourth class.
      [0, 1, 2, 3].map((c) => Math.round(4 * (weights[image * 4 + c] ?? 0)) + Number(c === label)),
    );
    const areas = [0, 1, 2].map((c) => {
      let [sum, pairs] = [0, 0];
      for (const [own, label] of labels.entries()) {
        for (const [other, otherLabel] of labels.entries()) {
          if (label !== c || otherLabel === c) continue;
          pairs += 1;
          sum += (1 + Math.sign((scores[own]?.[c] ?? NaN) - (scores[other]?.[c] ?? NaN))) / 2;
        }
      }
      return sum / pairs;
    });
    const { macroAuc } = figuresOf(labels, scores);
    expect(macroAuc.value).toBeCloseTo(areas.reduce((sum, area) => sum + area) / 3, 12);
    expect(macroAuc.interval?.lower).toBeLessThan(macroAuc.value ?? NaN);
    expect(macroAuc.interval?.upper).toBeGreaterThan(macroAuc.value ?? NaN);
  });

  it('is not defined where all images are of one class', () => {
    expect(figuresOf([1, 1], two([0.3, 0.6])).macroAuc).toEqual({ value: null, interval: null });
  });
});

it('counts, accuracy with Wilson’s interval and macro-F1 are by the definition', () => {
  const scores = [
    [3, 2, 1],
    [1, 3, 2],
    [1, 3, 2],
    [3, 2, 1],
  ];
  const { images, confusion, accuracy, macroF1 } = figuresOf([0, 1, 2, 1], scores);
  expect(images).toBe(4);
  expect([...confusion]).toEqual([1, 0, 0, 1, 1, 0, 0, 1, 0]);
  expect(accuracy).toEqual({ value: 0.5, interval: wilsonInterval(2, 4) });
  // F1 of the classes: 2/3, 1/2 and 0.
  expect(macroF1.value).toBeCloseTo((2 / 3 + 1 / 2) / 3, 12);
  expect(macroF1.interval?.lower).toBeLessThan(macroF1.value ?? NaN);
});
