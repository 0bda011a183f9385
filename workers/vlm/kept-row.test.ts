import { expect, test } from 'vitest';
import {
  bytesOf,
  KEPT_TOKENS,
  keepRow,
  shortenRow,
  targetLogProbs,
  type KeptRow,
} from './kept-row.ts';
import { KeptTree } from './kept-tree.ts';
import type { PolicySettings } from './policy.ts';
import { uniformStream } from './random.ts';

const VOCABULARY = 5000;
const OPEN: PolicySettings = { temperature: 1, topK: 0, topP: 1, minP: 0 };

/** A few likely tokens and a long tail, with equals. */
function randomRow(run: number): Float32Array {
  const uniform = uniformStream(run, 'row');
  return Float32Array.from(
    { length: VOCABULARY },
    (_, id) =>
      Math.round(10 * (uniform(id, 0) * 4 + (id % 97 === 0 ? 6 + 4 * uniform(id, 1) : 0))) / 10,
  );
}

const logProbs = (row: KeptRow, tokens: readonly number[], target: PolicySettings) =>
  targetLogProbs(row, tokens, target);

test.each([1, 0.7, 1.5])(
  'a row drawn at T = %d keeps its mass exactly in the short form',
  (temperature) => {
    for (let run = 0; run < 5; run += 1) {
      const whole = keepRow(randomRow(run));
      const drawn = [0, 97, 4321];
      const short = shortenRow(whole, drawn, temperature);
      expect(bytesOf(short)).toBeLessThan(bytesOf(whole) / 8);
      expect(short.logits.length).toBeGreaterThanOrEqual(KEPT_TOKENS);
      for (const target of [
        { ...OPEN, temperature },
        { ...OPEN, temperature, topP: 0.3 },
        { ...OPEN, temperature, topK: 20, topP: 0.9 },
        { ...OPEN, temperature, minP: 0.2 },
        { ...OPEN, temperature: 0 },
      ]) {
        const got = logProbs(short, drawn, target);
        expect(got?.error).toBeCloseTo(0, 12);
        logProbs(whole, drawn, target)?.logProbs.forEach((expected, i) => {
          const value = got?.logProbs[i] ?? NaN;
          if (expected === -Infinity) expect(value).toBe(-Infinity);
          else expect(Math.abs(value - expected)).toBeLessThan(1e-9);
        });
      }
    }
  },
);

test.each([0.3, 0.7, 1.3, 3])(
  'at another temperature, %d, the error is within its bound',
  (temperature) => {
    for (let run = 0; run < 5; run += 1) {
      const whole = keepRow(randomRow(run));
      const short = shortenRow(whole, [0, 4321], 1);
      const target = { ...OPEN, temperature };
      const exact = logProbs(whole, [0, 4321], target);
      const got = logProbs(short, [0, 4321], target);
      expect(got?.error).toBeGreaterThan(0);
      exact?.logProbs.forEach((expected, i) => {
        expect(Math.abs((got?.logProbs[i] ?? NaN) - expected)).toBeLessThanOrEqual(got?.error ?? 0);
      });
    }
  },
);

test('a cut in what was left out is not guessed', () => {
  const short = shortenRow(keepRow(randomRow(1)), [0], 1);
  expect(logProbs(short, [0], { ...OPEN, topP: 0.999 })).toBeNull();
  expect(logProbs(short, [0], { ...OPEN, topK: 1000 })).toBeNull();
  expect(logProbs(short, [0], { ...OPEN, minP: 1e-6 })).toBeNull();
});

test('a tree over its budget shortens its rows and stays within it', () => {
  const budget = 6 * VOCABULARY * 4;
  const tree = new KeptTree(OPEN, budget);
  const whole = new KeptTree(OPEN, Infinity);
  let edge = -1;
  let wholeEdge = -1;
  for (let run = 0; run < 20; run += 1) {
    const logits = randomRow(run);
    const logProb = logProbs(keepRow(logits), [97], OPEN)?.logProbs[0] ?? NaN;
    edge = tree.addNode(edge, logits, [{ tokenId: 97, logProb }]);
    wholeEdge = whole.addNode(wholeEdge, logits, [{ tokenId: 97, logProb }]);
    expect(tree.keptBytes).toBeLessThanOrEqual(budget);
  }
  tree.addLeaf(0, edge);
  whole.addLeaf(0, wholeEdge);
  const target = { ...OPEN, temperature: 0.9 };
  const short = tree.reweight(target);
  const exact = whole.reweight(target);
  if (short.type !== 'weights' || exact.type !== 'weights') throw new Error('refused');
  expect(short.logWeightError).toBeGreaterThan(0);
  const difference = Math.abs((short.logWeights[0] ?? 0) - (exact.logWeights[0] ?? 0));
  expect(difference).toBeLessThanOrEqual(short.logWeightError);
  expect(tree.reweight({ ...OPEN, topP: 0.9999 })).toEqual({
    type: 'refused',
    reason: 'cut-not-kept',
  });
});
