import { expect, test } from 'vitest';
import { logSoftmax, policyOf, probabilitiesOf, type PolicySettings } from './policy.ts';
import { uniformStream } from './random.ts';

const OPEN: PolicySettings = { temperature: 1, topK: 0, topP: 1, minP: 0 };
const logits = Float32Array.from([2, 1, 0, -1, -2]);
const round = (values: Iterable<number>): number[] => [...values].map((p) => Number(p.toFixed(6)));

/* import torch; torch.softmax(torch.tensor([2.,1.,0.,-1.,-2.],dtype=torch.float64),0).tolist() */
const SOFTMAX = [0.636409, 0.234122, 0.086129, 0.031685, 0.011656];

test('without filters the policy is the softmax', () => {
  expect(round(policyOf(logits, OPEN).probabilities)).toEqual(SOFTMAX);
});

/* torch.softmax(torch.tensor([2.,1.,0.,-1.,-2.],dtype=torch.float64)/0.5,0).tolist() */
test('temperature divides the logits', () => {
  const { probabilities } = policyOf(logits, { ...OPEN, temperature: 0.5 });
  expect(round(probabilities)).toEqual([0.864704, 0.117025, 0.015838, 0.002143, 0.00029]);
});

test('top-k keeps the k most probable and renormalises', () => {
  const { probabilities } = policyOf(logits, { ...OPEN, topK: 2 });
  expect(round(probabilities)).toEqual([0.731059, 0.268941, 0, 0, 0]);
});

test('top-p keeps the token that crosses the mass', () => {
  expect(round(policyOf(logits, { ...OPEN, topP: 0.7 }).probabilities)).toEqual([
    0.731059, 0.268941, 0, 0, 0,
  ]);
  expect(round(policyOf(logits, { ...OPEN, topP: 0.6 }).probabilities)).toEqual([1, 0, 0, 0, 0]);
});

test('top-p sees what top-k left', () => {
  // After top-k 2 the first token holds 0.731, so that it alone reaches 0.7.
  const { probabilities } = policyOf(logits, { ...OPEN, topK: 2, topP: 0.7 });
  expect(round(probabilities)).toEqual([1, 0, 0, 0, 0]);
});

test('min-p is relative to the largest probability', () => {
  const { probabilities } = policyOf(logits, { ...OPEN, minP: 0.1 });
  expect(probabilities.map((p) => (p > 0 ? 1 : 0))).toEqual(Float64Array.from([1, 1, 1, 0, 0]));
});

test('temperature 0 takes the largest logit, the lowest id among equals', () => {
  const { probabilities, edgeMargin } = policyOf(Float32Array.from([1, 3, 3]), {
    ...OPEN,
    temperature: 0,
  });
  expect([...probabilities]).toEqual([0, 1, 0]);
  expect(edgeMargin).toBe(0);
});

test('the edge margin tells how near a filter’s cut lies', () => {
  const near = Math.log(0.5 - 1e-7);
  const twoEqual = Float32Array.from([near, near, Math.log(1e-3)]);
  expect(policyOf(twoEqual, { ...OPEN, topK: 1 }).edgeMargin).toBeLessThan(1e-5);
  expect(policyOf(logits, OPEN).edgeMargin).toBe(Infinity);
  // The mass after the first token, 0.636409, is within 1e-5 of the cut.
  expect(policyOf(logits, { ...OPEN, topP: 0.63641 }).edgeMargin).toBeLessThan(1e-5);
});

test('model log-probabilities stay those of the unfiltered model at temperature 1', () => {
  const { modelLogProbs } = policyOf(logits, { temperature: 0.5, topK: 1, topP: 0.5, minP: 0.2 });
  expect([...modelLogProbs]).toEqual([...logSoftmax(logits)]);
});

test('logits that are not numbers are refused', () => {
  expect(() => logSoftmax(Float32Array.from([1, NaN]))).toThrow(/not numbers/);
  expect(() => logSoftmax(Float32Array.from([Infinity, 0]))).toThrow(/not numbers/);
});

test('the draw inverts the distribution in token-id order', () => {
  const policy = policyOf(logits, OPEN);
  expect(policy.draw(0).tokenId).toBe(0);
  expect(policy.draw(0.63).tokenId).toBe(0);
  expect(policy.draw(0.64).tokenId).toBe(1);
  expect(policy.draw(1 - 2 ** -53).tokenId).toBe(4);
  expect(policy.draw(0.64).margin).toBeCloseTo(0.64 - 0.636409, 5);
});

/** The filters from their definitions, by sorting everything. */
function bySorting(row: Float32Array, { temperature, topK, topP, minP }: PolicySettings): number[] {
  const largest = Math.max(...row);
  const softmax = (kept: readonly number[]): Map<number, number> => {
    const weights = kept.map((id) => Math.exp(((row[id] ?? 0) - largest) / temperature));
    const sum = weights.reduce((a, b) => a + b, 0);
    return new Map(kept.map((id, rank) => [id, (weights[rank] ?? 0) / sum]));
  };
  let order = [...row.keys()].sort((a, b) => (row[b] ?? 0) - (row[a] ?? 0) || a - b);
  if (topK > 0) order = order.slice(0, topK);
  const afterTopK = [...softmax(order).values()];
  let mass = 0;
  order = order.filter((_, rank) => {
    const isKept = mass < topP;
    mass += afterTopK[rank] ?? 0;
    return isKept || topP === 1;
  });
  const afterTopP = softmax(order);
  const floor = minP * Math.max(...afterTopP.values());
  const final = softmax(order.filter((id) => (afterTopP.get(id) ?? 0) >= floor));
  return [...row.keys()].map((id) => final.get(id) ?? 0);
}

test('on 200 random rows and settings the policy is that of the definitions', () => {
  const uniform = uniformStream(9, 'rows');
  for (let run = 0; run < 200; run += 1) {
    const row = Float32Array.from({ length: 300 }, (_, id) => uniform(run, id) * 12 - 6);
    const settings = {
      temperature: 0.3 + uniform(run, 1000),
      topK: [0, 1, 7, 299, 400][run % 5] ?? 0,
      topP: [1, 0.9, 0.3][run % 3] ?? 1,
      minP: run % 4 === 0 ? 0.05 : 0,
    };
    const { probabilities } = policyOf(row, settings);
    expect(probabilitiesOf(row, settings)).toEqual(probabilities);
    const differences = bySorting(row, settings).map((p, id) =>
      Math.abs((probabilities[id] ?? 0) - p),
    );
    expect(Math.max(...differences), JSON.stringify(settings)).toBeLessThan(1e-12);
  }
});

test('a draw never returns a filtered token', () => {
  const policy = policyOf(logits, { ...OPEN, topK: 2 });
  for (let i = 0; i < 1000; i += 1) expect(policy.draw(i / 1000).tokenId).toBeLessThan(2);
});
