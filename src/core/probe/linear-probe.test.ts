import { expect, it } from 'vitest';
import { resultOf } from '../../../test/support/steps.ts';
import { seededDraws } from './draws.ts';
import type { LabelledFeatures } from './features.ts';
import { classProbabilities, trainLinearProbe } from './linear-probe.ts';
import { SMALL_SET_PROBE } from './settings.ts';
import type { ProbeStep } from './steps.ts';

/** Two clouds apart from each other in the first of two features, whose scale and place are odd. */
function clouds(images: number, seed: number): LabelledFeatures {
  const { weights } = seededDraws(seed).head(images, 4);
  const labels = Int32Array.from({ length: images }, (_, image) => image % 2);
  const values = Float32Array.from({ length: images * 2 }, (_, place) => {
    const image = Math.floor(place / 2);
    const noise = weights[image * 4 + (place % 2)] ?? 0;
    return place % 2 === 0 ? 10 + 3 * (labels[image] ?? 0) + noise : 1e-3 * noise;
  });
  return { features: { rows: images, width: 2, values }, labels };
}

const train = clouds(129, 1);
const val = clouds(30, 2);

function steps(settings = SMALL_SET_PROBE) {
  const seen: ProbeStep[] = [];
  const work = trainLinearProbe({ classes: 2, train, val }, settings, seededDraws(settings.seed));
  for (let next = work.next(); ; next = work.next()) {
    if (next.done === true) return { seen, trained: next.value };
    seen.push(next.value);
  }
}

it('tells apart what is apart, by steps that say how far it is', () => {
  const { seen, trained } = steps();
  const scores = classProbabilities(trained.head, val.features);
  for (const [image, label] of val.labels.entries()) {
    const [first, second] = scores.subarray(image * 2, image * 2 + 2);
    expect((first ?? NaN) + (second ?? NaN)).toBeCloseTo(1, 12);
    expect(scores[image * 2 + label]).toBeGreaterThan(0.5);
  }
  // 129 images are two batches of 64; the last of one image is left out.
  expect(seen.map(({ done }) => done)).toEqual(
    Array.from({ length: 20 }, (_, epoch) => [2 * epoch + 1, 2 * epoch + 2, 2 * epoch + 2]).flat(),
  );
  expect(seen.every(({ total }) => total === 40)).toBe(true);
  expect(seen.flatMap(({ epoch }) => epoch ?? [])).toEqual(trained.epochs);
});

it('the rate falls along a cosine, from what was set towards 0', () => {
  const { epochs } = steps().trained;
  expect(epochs[0]?.learningRate).toBe(0.1);
  expect(epochs[10]?.learningRate).toBeCloseTo(0.05, 12);
  // As torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=20) after 19 steps.
  expect(epochs[19]?.learningRate).toBeCloseTo(0.0006155829702431115, 12);
});

it('the same seed gives the same layer, another seed another', () => {
  const weights = (seed: number) => [...steps({ ...SMALL_SET_PROBE, seed }).trained.head.weights];
  expect(weights(3)).toEqual(weights(3));
  expect(weights(3)).not.toEqual(weights(4));
});

it('chooses the most accurate epoch on val, of equal ones that of the lowest loss', () => {
  const { epochs, chosenEpoch, chosenBy } = steps().trained;
  expect(chosenBy).toBe('val');
  const best = [...epochs].sort(
    (a, b) =>
      (b.val?.accuracy ?? NaN) - (a.val?.accuracy ?? NaN) ||
      (a.val?.loss ?? NaN) - (b.val?.loss ?? NaN),
  );
  expect(chosenEpoch).toBe(best[0]?.epoch);
  const blind = resultOf(
    trainLinearProbe({ classes: 2, train, val: null }, SMALL_SET_PROBE, seededDraws(1)),
  );
  expect([blind.chosenBy, blind.chosenEpoch, blind.epochs[3]?.val]).toEqual(['last', 20, null]);
});

it('an earlier epoch is chosen where training goes on to spoil the layer', () => {
  const flipped = { ...val, labels: val.labels.map((label) => 1 - label) };
  const trained = resultOf(
    trainLinearProbe({ classes: 2, train, val: flipped }, SMALL_SET_PROBE, seededDraws(1)),
  );
  expect(trained.chosenEpoch).toBeLessThan(20);
  const [chosen, last] = [trained.epochs[trained.chosenEpoch - 1], trained.epochs[19]];
  expect(chosen?.val?.accuracy).toBeGreaterThan(last?.val?.accuracy ?? NaN);
});

it('an order has every image once', () => {
  const order = seededDraws(5).order(1000);
  expect([...order].sort((a, b) => a - b)).toEqual([...order.keys()]);
  expect([...order]).not.toEqual([...order.keys()]);
});
