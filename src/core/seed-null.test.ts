import { describe, expect, it } from 'vitest';
import { newcombeDifference } from './intervals.ts';
import { answerTexts, BLOOD_QUESTION, recordOf, SAMPLER } from './record-fixture.ts';
import { seedNull } from './seed-null.ts';

const first = recordOf([...answerTexts('B', 8), ...answerTexts('A', 8)]);
const second = recordOf([...answerTexts('B', 12), ...answerTexts('A', 4)], {
  sampler: { ...SAMPLER, seed: 124 },
});

describe('seedNull', () => {
  it('is second minus first with the Newcombe interval', () => {
    const result = seedNull(first, second);
    expect(result).toEqual(newcombeDifference({ c: 8, n: 16 }, { c: 12, n: 16 }));
    expect(result?.difference).toBe(0.25);
  });

  it('is null without truth or samples', () => {
    const question = { ...BLOOD_QUESTION, correctOptions: [] };
    expect(seedNull({ ...first, question }, { ...second, question })).toBeNull();
    expect(seedNull(first, { ...second, samples: [] })).toBeNull();
  });

  it('refuses what is no A/A pair', () => {
    expect(() => seedNull(first, first)).toThrow('two different seeds');
    const answerer = { ...second.answerer, checkpointId: 'tiny-rl' };
    expect(() => seedNull(first, { ...second, answerer })).toThrow('one checkpoint');
    expect(() => seedNull(first, { ...second, itemId: 'other' })).toThrow(RangeError);
    const sampler = { ...second.sampler, temperature: 1 };
    expect(() => seedNull(first, { ...second, sampler })).toThrow(RangeError);
  });

  it('allows another K', () => {
    const sampler = { ...second.sampler, k: 32 };
    expect(seedNull(first, { ...second, sampler })?.difference).toBe(0.25);
  });
});
