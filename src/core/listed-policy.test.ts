import { expect, test } from 'vitest';
import { probabilitiesOf } from '../../workers/vlm/policy.ts';
import { uniformsOf } from '../../test/support/served-toy.ts';
import { listedPolicy } from './listed-policy.ts';
import type { PolicySettings } from './types.ts';

const VOCABULARY = 60;

/** Logits of a peaked distribution, and its most probable tokens as a server lists them. */
function drawLogits(seed: number, listed: number) {
  const uniform = uniformsOf(seed);
  const logits = Float32Array.from({ length: VOCABULARY }, () => 6 * uniform() ** 3);
  const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
  const ids = [...logits.keys()].sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0));
  const tokens = ids.slice(0, listed).map((id) => ({
    text: String(id),
    logProb: (logits[id] ?? 0) - Math.log(sum),
  }));
  return { logits, tokens };
}

const POLICIES: readonly PolicySettings[] = [0.5, 0.7, 1, 1.5].flatMap((temperature) =>
  [
    { topK: 0, topP: 1, minP: 0 },
    { topK: 5, topP: 1, minP: 0 },
    { topK: 40, topP: 1, minP: 0 },
    { topK: 0, topP: 0.9, minP: 0 },
    { topK: 0, topP: 0.5, minP: 0 },
    { topK: 0, topP: 1, minP: 0.1 },
    { topK: 10, topP: 0.8, minP: 0.2 },
  ].map((filters) => ({ temperature, ...filters })),
);

test.each(POLICIES)('the worker’s own probabilities lie inside: %o', (settings) => {
  let exact = 0;
  for (let seed = 1; seed <= 8; seed += 1) {
    for (const listed of [3, 8, 20, VOCABULARY]) {
      const { logits, tokens } = drawLogits(seed, listed);
      const truth = probabilitiesOf(logits, settings);
      listedPolicy(tokens, settings).probabilities.forEach(({ lower, upper }, at) => {
        const p = truth[Number(tokens[at]?.text)] ?? NaN;
        expect(p).toBeGreaterThanOrEqual(lower - 1e-6);
        expect(p).toBeLessThanOrEqual(upper + 1e-6);
        if (upper - lower < 1e-9) exact += 1;
        if (listed === VOCABULARY) expect(upper - lower).toBeLessThan(1e-4);
      });
    }
  }
  expect(exact).toBeGreaterThan(0);
});

test('filters that end inside the list make it exact', () => {
  const listed = [
    { text: 'A', logProb: Math.log(0.6) },
    { text: 'B', logProb: Math.log(0.3) },
    { text: 'C', logProb: Math.log(0.06) },
  ];
  const settings = { temperature: 1, topK: 0, topP: 0.85, minP: 0 };
  const { probabilities } = listedPolicy(listed, settings);
  expect(probabilities.map(({ lower }) => lower)).toEqual([
    expect.closeTo(2 / 3, 12),
    expect.closeTo(1 / 3, 12),
    0,
  ]);
  expect(probabilities.every(({ lower, upper }) => upper === lower)).toBe(true);
});

test('greedy gives all to the first, wherever it is listed', () => {
  const listed = [
    { text: 'A', logProb: -2 },
    { text: 'B', logProb: -0.2 },
  ];
  const settings = { temperature: 0, topK: 0, topP: 1, minP: 0 };
  expect(listedPolicy(listed, settings).probabilities.map(({ upper }) => upper)).toEqual([0, 1]);
});

test('what is no distribution is refused', () => {
  const settings = { temperature: 1, topK: 0, topP: 1, minP: 0 };
  expect(() => listedPolicy([], settings)).toThrow(RangeError);
  const both = [
    { text: 'A', logProb: -0.1 },
    { text: 'B', logProb: -0.1 },
  ];
  expect(() => listedPolicy(both, settings)).toThrow('add up');
});
