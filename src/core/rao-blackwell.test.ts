import { expect, test } from 'vitest';
import { passAtK } from './pass-at-k.ts';
import {
  answerDistributions,
  boundedMeanInterval,
  eventProbabilities,
  raoBlackwellEstimate,
  raoBlackwellPassAtK,
  summarizeRaoBlackwell,
} from './rao-blackwell.ts';
import { answerTexts, BLOOD_QUESTION, sampleOf } from './record-fixture.ts';
import type { TraceAnswers } from './types.ts';

/** Uniform numbers for tests: mulberry32. */
function uniforms(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const SAMPLES = [...answerTexts('A', 3), ...answerTexts('B', 2), '<answer>?</answer>'].map(
  sampleOf,
);
const TRACE: TraceAnswers = {
  traceTokens: 2,
  sampleIndexes: [0, 1, 3, 5],
  belowFloorIndexes: [5],
  answers: [
    { answer: 'A', probability: 0.6 },
    { answer: 'B', probability: 0.3 },
  ],
  unresolvedMass: 0.1,
};

test('a sample votes with what its trace follows, others with their own outcome', () => {
  const votes = answerDistributions(SAMPLES, [TRACE], BLOOD_QUESTION);
  expect(votes[0]).toBe(votes[3]);
  expect(votes[0]?.get('A')).toBeCloseTo(2 / 3, 12);
  expect(votes[0]?.get('B')).toBeCloseTo(1 / 3, 12);
  expect(votes[2]).toEqual(new Map([['A', 1]]));
  expect(votes[4]).toEqual(new Map([['B', 1]]));
  // Sample 5 drew what was not followed.
  expect(votes[5]).toEqual(new Map([[null, 1]]));
  const right = eventProbabilities(votes, ['B', 'C']);
  expect(right.map((q) => q.toFixed(3))).toEqual([
    '0.333',
    '0.333',
    '0.000',
    '0.333',
    '1.000',
    '0.000',
  ]);
});

test('a trace with nothing above the floor leaves the outcomes as they are', () => {
  const trace = {
    ...TRACE,
    answers: [],
    unresolvedMass: 1,
    belowFloorIndexes: TRACE.sampleIndexes,
  };
  expect(answerDistributions(SAMPLES, [trace], BLOOD_QUESTION)).toEqual(
    answerDistributions(SAMPLES, [], BLOOD_QUESTION),
  );
});

test('the summary has every option, the truth and what was not followed', () => {
  const summary = summarizeRaoBlackwell(SAMPLES, [TRACE], BLOOD_QUESTION);
  expect(summary?.outcomes.map(({ answer }) => answer)).toEqual(['A', 'B', null, 'C', 'D']);
  const total = summary?.outcomes.reduce((sum, { estimate }) => sum + estimate.probability, 0);
  expect(total).toBeCloseTo(1, 12);
  expect(summary?.correct?.probability).toBeCloseTo((1 + 3 * (1 / 3)) / 6, 12);
  expect(summary?.votingShare).toBe(0.5);
  expect(summary?.meanUnresolvedMass).toBeCloseTo(0.1, 12);
  expect(summarizeRaoBlackwell([], [], BLOOD_QUESTION)).toBeNull();
  const unmarked = { ...BLOOD_QUESTION, correctOptions: [] };
  expect(summarizeRaoBlackwell(SAMPLES, [TRACE], unmarked)?.correct).toBeNull();
});

/** Mean of ∏ (1 − q) over all k-subsets. */
function bruteForce(q: readonly number[], k: number): number {
  let sum = 0;
  let subsets = 0;
  for (let mask = 0; mask < 2 ** q.length; mask += 1) {
    const chosen = q.filter((_, i) => (mask >> i) & 1);
    if (chosen.length !== k) continue;
    sum += chosen.reduce((product, p) => product * (1 - p), 1);
    subsets += 1;
  }
  return 1 - sum / subsets;
}

test('Pass@k equals the mean over all subsets', () => {
  const uniform = uniforms(1);
  for (let n = 1; n <= 10; n += 1) {
    const q = Array.from({ length: n }, () => (uniform() < 0.3 ? 0 : uniform()));
    const ks = Array.from({ length: n }, (_, i) => i + 1);
    raoBlackwellPassAtK(q, ks).forEach((value, i) => {
      expect(value).toBeCloseTo(bruteForce(q, i + 1), 12);
    });
  }
});

test('Pass@k of outcomes is the counted one, also at n = 1024', () => {
  for (const [n, c] of [
    [16, 5],
    [1024, 0],
    [1024, 3],
    [1024, 700],
    [1024, 1024],
  ] as const) {
    const q = Array.from({ length: n }, (_, i) => Number(i % n < c));
    const ks = [1, 2, 16, 64, n, n + 1];
    raoBlackwellPassAtK(q, ks).forEach((value, i) => {
      const counted = passAtK(n, c, ks[i] ?? 0);
      if (counted === null) expect(value).toBeNull();
      else expect(value).toBeCloseTo(counted, 11);
    });
  }
});

test('equal probabilities give 1 − (1 − p)^k', () => {
  const [value] = raoBlackwellPassAtK(new Array<number>(1024).fill(0.01), [1000]);
  expect(value).toBeCloseTo(1 - 0.99 ** 1000, 12);
});

test('the estimate: mean, variance ratio, and what it is at the ends', () => {
  const { probability, varianceRatio } = raoBlackwellEstimate([0.2, 0.4, 0.6]);
  expect(probability).toBeCloseTo(0.4, 12);
  expect(varianceRatio).toBeCloseTo(0.08 / 3 / 0.24, 12);
  expect(raoBlackwellEstimate([0, 1, 1]).varianceRatio).toBeCloseTo(1, 12);
  expect(raoBlackwellEstimate([0.3, 0.3]).varianceRatio).toBeCloseTo(0, 12);
  expect(raoBlackwellEstimate([1, 1]).varianceRatio).toBeNull();
  expect(() => raoBlackwellEstimate([])).toThrow(RangeError);
  expect(() => raoBlackwellEstimate([1.1])).toThrow(RangeError);
  expect(() => raoBlackwellPassAtK([0.5], [0])).toThrow(RangeError);
});

/* statsmodels.stats.proportion.proportion_confint(3, 16, method='agresti_coull') */
test('for outcomes the interval is that of Agresti and Coull', () => {
  const { lower, upper } = boundedMeanInterval([1, 1, 1, ...new Array<number>(13).fill(0)]);
  expect(lower).toBeCloseTo(0.0584, 3);
  expect(upper).toBeCloseTo(0.4379, 3);
});

test('equal values keep the width that unseen traces could make', () => {
  for (const q of [0, 0.1, 0.5, 0.97]) {
    const { lower, upper } = boundedMeanInterval(new Array<number>(64).fill(q));
    expect(lower).toBeLessThanOrEqual(q);
    expect(upper).toBeGreaterThanOrEqual(q);
    expect(upper - lower).toBeGreaterThan(1 / 64);
    expect(upper - lower).toBeLessThan(6 / 64);
  }
});

test.each([
  ['one rare trace', [0.02, 0.9], [0.95, 0.05]],
  ['two traces', [0.3, 0.7], [0.5, 0.5]],
  ['decided traces', [0, 1], [0.8, 0.2]],
  ['many traces', [0.05, 0.1, 0.2, 0.9], [0.4, 0.3, 0.2, 0.1]],
] as const)('the interval covers in at least 92 %% of 2,000 runs: %s', (_, values, weights) => {
  const uniform = uniforms(7);
  const truth = values.reduce<number>((sum, q, i) => sum + q * (weights[i] ?? 0), 0);
  for (const n of [16, 64]) {
    let covered = 0;
    for (let run = 0; run < 2000; run += 1) {
      const drawn = Array.from({ length: n }, () => {
        let rest = uniform();
        return values.find((__, i) => (rest -= weights[i] ?? 0) < 0) ?? 0;
      });
      const { lower, upper } = boundedMeanInterval(drawn);
      if (lower <= truth && truth <= upper) covered += 1;
    }
    expect(covered / 2000, `n = ${String(n)}`).toBeGreaterThan(0.92);
  }
});
