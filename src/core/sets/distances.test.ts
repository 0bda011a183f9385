import { describe, expect, it } from 'vitest';
import { FREE_FORM_QUESTION, recordOf, sampleOf } from '../record-fixture.ts';
import { jensenShannonNats, sampledDistance } from './distances.ts';
import type { ItemFigures } from './item-figures.ts';
import { seedPairs, type Pair } from './pair-items.ts';
import {
  figuresOf,
  normalized,
  randomOf,
  simulatedItem,
  simulatedPairs,
  simulatedParents,
} from './set-fixture.ts';

describe('jensenShannonNats', () => {
  it('is 0 for equal shares and ln 2 for nothing in common', () => {
    expect(jensenShannonNats([2, 6], [1, 3])).toBe(0);
    expect(jensenShannonNats([4, 0, 1], [0, 7, 0])).toBeCloseTo(Math.LN2, 12);
  });

  it('is H(mean) − mean H, and the same both ways', () => {
    const entropy = (p: number): number => -p * Math.log(p) - (1 - p) * Math.log(1 - p);
    const expected = entropy(0.5) - (entropy(0.25) + entropy(0.75)) / 2;
    expect(jensenShannonNats([1, 3], [9, 3])).toBeCloseTo(expected, 12);
    expect(jensenShannonNats([9, 3], [1, 3])).toBeCloseTo(expected, 12);
    expect(() => jensenShannonNats([0, 0], [1, 0])).toThrow(RangeError);
  });
});

function itemOf(id: number, ...answers: readonly string[]): ItemFigures {
  const texts = answers.map((answer) => `<answer>${answer}</answer>`);
  const changes = { itemId: String(id), greedy: sampleOf('hm'), question: FREE_FORM_QUESTION };
  return figuresOf(recordOf(texts, changes));
}

describe('sampledDistance', () => {
  const random = randomOf(11);
  const parents = simulatedParents(60, random);

  it('does not tell a model from itself: the null is as far apart', () => {
    const pValues = Array.from({ length: 20 }, (_, repetition) => {
      const own = randomOf(repetition + 50);
      const items = parents.map((parent) => simulatedItem(parent, own));
      const { meanNats, nullMeanNats, pValue } = sampledDistance(seedPairs(items));
      // Plug-in of 16 samples: far from 0, and so is the null.
      expect(meanNats).toBeGreaterThan(0.02);
      expect(Math.abs(meanNats - nullMeanNats)).toBeLessThan(0.02);
      return pValue;
    });
    expect(pValues.filter((pValue) => pValue <= 0.05).length).toBeLessThanOrEqual(3);
    expect(pValues.filter((pValue) => pValue > 0.5).length).toBeGreaterThanOrEqual(5);
  });

  it('tells a cooler model from its parent', () => {
    const pairs = simulatedPairs(
      parents,
      (parent) => ({
        ...parent,
        probabilities: normalized(parent.probabilities.map((p) => p ** 3)),
      }),
      random,
    );
    const { meanNats, nullUpperNats, pValue } = sampledDistance(pairs);
    expect(meanNats).toBeGreaterThan(nullUpperNats);
    // No one of 200 shufflings is as far apart.
    expect(pValue).toBeCloseTo(1 / 201, 12);
  });

  it('does not take rounding for distance where every deal is the same', () => {
    const certain = { probabilities: [0, 1, 0], rightOptions: [1] };
    const one = Array.from({ length: 7 }, (_, id) => simulatedItem({ id, ...certain }, random));
    const pairs: Pair[] = one.map((parent) => ({ parent, child: parent }));
    expect(sampledDistance(pairs)).toEqual({
      meanNats: 0,
      nullMeanNats: 0,
      nullUpperNats: 0,
      pValue: 1,
    });
    // One sample against six others: every deal is the same distance, added up in another order.
    const single = Array.from({ length: 7 }, (_, id) => ({
      parent: itemOf(id, 'liver'),
      child: itemOf(id, 'heart', 'lung', 'spleen', 'bone', 'skin', 'eye'),
    }));
    expect(sampledDistance(single)).toMatchObject({ pValue: 1 });
    expect(() => sampledDistance([])).toThrow(RangeError);
  });

  it('takes sides of unequal size', () => {
    const pairs = parents.slice(0, 10).map((parent) => ({
      parent: simulatedItem(parent, random),
      child: simulatedItem({ ...parent, n: 40 }, random),
    }));
    const { nullMeanNats, pValue } = sampledDistance(pairs);
    expect(nullMeanNats).toBeGreaterThan(0);
    expect(pValue).toBeGreaterThan(0.05);
  });
});
