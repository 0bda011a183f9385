import { describe, expect, it } from 'vitest';
import { wilsonInterval } from './intervals.ts';
import { supportAtEpsilon, supportVerdict } from './support.ts';

/** A wrong-image null of this mean. */
const blind = (mean: number) => ({ mean, interval: { lower: 0, upper: 1 }, images: 4 });

const verdict = (c: number, changes: Partial<Parameters<typeof supportVerdict>[0]> = {}) =>
  supportVerdict({ n: 16, c, k: 16, options: 4, rightOptions: 1, pBlind: null, ...changes });

describe('supportVerdict', () => {
  it('is 0 or 1 at K = n, in between for n > K, null for n < K', () => {
    expect(verdict(1).atK).toBe(1);
    expect(verdict(0).atK).toBe(0);
    expect(verdict(1, { k: 8 }).atK).toBeCloseTo(0.5, 12);
    expect(verdict(1, { k: 32 }).atK).toBeNull();
  });

  it('is supported by the image only above both nulls', () => {
    // The lower bound for 11 of 16 is 0.444.
    expect(verdict(11, { pBlind: blind(0.21) }).supportedByImage).toBe(true);
    expect(verdict(11, { pBlind: blind(0.45) }).supportedByImage).toBe(false);
    expect(verdict(11, { pBlind: blind(0.21), options: 2 }).supportedByImage).toBe(false);
    expect(verdict(11, { pBlind: blind(0.21), rightOptions: 2 }).supportedByImage).toBe(false);
    expect(verdict(11).supportedByImage).toBeNull();
  });

  it('judges free-form by the wrong image alone', () => {
    const freeForm = { options: 0, rightOptions: 0 };
    expect(verdict(2, { ...freeForm, pBlind: blind(0) })).toMatchObject({
      chance: null,
      chanceAtK: null,
      supportedByImage: true,
    });
    expect(verdict(0, { ...freeForm, pBlind: blind(0) }).supportedByImage).toBe(false);
  });

  it('carries chance per answer and at K', () => {
    expect(verdict(3, { options: 8 })).toMatchObject({ chance: 0.125, seen: true });
    expect(verdict(3, { options: 8 }).chanceAtK).toBeCloseTo(0.8819, 4);
  });
});

describe('supportAtEpsilon', () => {
  it('needs 381 samples without a hit to exclude 0.01', () => {
    expect(supportAtEpsilon(wilsonInterval(0, 380), 0.01)).toBe('undecided');
    expect(supportAtEpsilon(wilsonInterval(0, 381), 0.01)).toBe('no');
  });

  it('decides from the bounds', () => {
    expect(supportAtEpsilon({ lower: 0.01, upper: 0.2 }, 0.01)).toBe('yes');
    expect(supportAtEpsilon({ lower: 0.009, upper: 0.01 }, 0.01)).toBe('undecided');
    expect(supportAtEpsilon({ lower: 0, upper: 0.0099 }, 0.01)).toBe('no');
    expect(() => supportAtEpsilon({ lower: 0, upper: 1 }, 0)).toThrow(RangeError);
  });
});
