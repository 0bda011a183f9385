import { describe, expect, it } from 'vitest';
import { answerEntropy } from './entropy.ts';

describe('answerEntropy', () => {
  // scipy 1.17.1: entropy(counts), and + (sum(x > 0 for x in counts) - 1) / (2 * sum(counts))
  it.each([
    [[11, 4, 1], 0.7774621319109288, 0.8399621319109288],
    [[4, 4, 4, 4], 1.3862943611198906, 1.4800443611198906],
    [[16], 0, 0],
    [[5, 3, 0, 8], 1.0239287996389363, 1.0864287996389363],
  ])('of %j', (counts, plugIn, millerMadow) => {
    const entropy = answerEntropy(counts, 4);
    expect(entropy?.plugInNats).toBeCloseTo(plugIn, 12);
    expect(entropy?.millerMadowNats).toBeCloseTo(millerMadow, 12);
    expect(entropy?.normalized).toBeCloseTo(plugIn / Math.log(4), 12);
  });

  it('is not normalised for fewer than two options', () => {
    expect(answerEntropy([1, 1], 0)?.normalized).toBeNull();
    expect(answerEntropy([1, 1], 1)?.normalized).toBeNull();
    expect(answerEntropy([1, 1], 2)?.normalized).toBeCloseTo(1, 12);
  });

  it('exceeds 1 when unparsed comes on top of all options', () => {
    expect(answerEntropy([1, 1, 1], 2)?.normalized).toBeGreaterThan(1);
  });

  it('is null without samples and refuses what is no count', () => {
    expect(answerEntropy([], 4)).toBeNull();
    expect(answerEntropy([0, 0], 4)).toBeNull();
    expect(() => answerEntropy([1.5], 4)).toThrow(RangeError);
    expect(() => answerEntropy([-1], 4)).toThrow(RangeError);
  });
});
