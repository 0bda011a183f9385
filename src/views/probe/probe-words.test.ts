import { expect, test } from 'vitest';
import { changeSentence, gapReading, isClearChange, seeOrSayWords } from './probe-words.ts';

const change = (value: number, lower: number, upper: number, bySeed: number) => ({
  value,
  interval: { lower, upper },
  bySeed,
});

test('a change that another seed of the probe makes as well is none, whatever its interval', () => {
  expect(isClearChange(change(0.2, 0.1, 0.3, 0.02))).toBe(true);
  expect(isClearChange(change(0.08, 0.01, 0.16, 0.05))).toBe(false);
  expect(isClearChange(change(0.2, -0.1, 0.3, 0))).toBe(false);
  expect(isClearChange({ value: 0.2, interval: null, bySeed: 0 })).toBe(false);
});

test('what a step changed, in words', () => {
  expect(changeSentence('sft', 'base', change(0.2, 0.11, 0.29, 0.01))).toBe(
    'sft sees better than base: share of test images that the probe tells right +0.20 (+0.11 to +0.29); another seed of the probe alone changes 0.01.',
  );
  expect(changeSentence('rl', 'sft', change(-0.09, -0.16, -0.01, 0.06))).toContain(
    'rl sees as sft does',
  );
  expect(changeSentence('rl', 'sft', change(-0.2, -0.3, -0.1, 0.02))).toContain('sees worse');
});

test('the gap is read by its interval', () => {
  const gap = (lower: number, upper: number) =>
    gapReading({ gap: { value: (lower + upper) / 2, interval: { lower, upper } } });
  expect([gap(0.1, 0.4), gap(-0.4, -0.1), gap(-0.1, 0.1)]).toEqual([
    'sees more',
    'says more',
    'no clear gap',
  ]);
  const estimate = (value: number) => ({ value, interval: { lower: 0.25, upper: 0.7 } });
  expect(
    seeOrSayWords('tiny-base', {
      items: 40,
      counts: [6, 24, 5, 5],
      sees: estimate(0.75),
      says: estimate(0.275),
      gap: estimate(0.475),
    }),
  ).toBe(
    'tiny-base: the probe is right on 75 % of 40 items among the options that were offered, the answer on 28 %; seeing gap +0.47 (+0.25 to +0.70). The tower knows more than the answers say: what is missing is language, not sight.',
  );
});
