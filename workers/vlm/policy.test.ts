import { expect, test } from 'vitest';
import { drawToken, logSoftmax, policyOf, type PolicySettings } from './policy.ts';

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
  expect(drawToken(policy, 0).tokenId).toBe(0);
  expect(drawToken(policy, 0.63).tokenId).toBe(0);
  expect(drawToken(policy, 0.64).tokenId).toBe(1);
  expect(drawToken(policy, 1 - 2 ** -53).tokenId).toBe(4);
  expect(drawToken(policy, 0.64).margin).toBeCloseTo(0.64 - 0.636409, 5);
});

test('a draw never returns a filtered token', () => {
  const policy = policyOf(logits, { ...OPEN, topK: 2 });
  for (let i = 0; i < 1000; i += 1) expect(drawToken(policy, i / 1000).tokenId).toBeLessThan(2);
});
