import { describe, expect, it } from 'vitest';
import { answerTexts, nullsOf, recordOf, sampleOf } from '../record-fixture.ts';
import type { ItemRecord } from '../types.ts';
import type { ItemFigures } from './item-figures.ts';
import { pairedFigures } from './pair-figures.ts';
import type { Pair } from './pair-items.ts';
import { figuresOf, randomOf, simulatedPairs, simulatedParents } from './set-fixture.ts';

/** B is right. */
function item(right: number, n: number, changes: Partial<ItemRecord> = {}): ItemFigures {
  const texts = [...answerTexts('A', n - right), ...answerTexts('B', right)];
  const greedy = sampleOf(right > n / 2 ? 'B' : 'A');
  return figuresOf(recordOf(texts, { greedy, ...changes }));
}

const pair = (parent: ItemFigures, child: ItemFigures): Pair => ({ parent, child });
const allOf = (pairs: readonly Pair[], resamples = 0) => pairedFigures(pairs, resamples).all;

describe('pairedFigures', () => {
  const random = randomOf(21);
  const pairs = simulatedPairs(
    simulatedParents(40, random).map((one, id) => ({ ...one, dataset: `set ${id % 2}` })),
    (parent) => ({ ...parent, probabilities: parent.probabilities.map((p) => p * 0.9) }),
    random,
  );

  it('is child minus parent, per dataset and in all', () => {
    const { datasets, all } = pairedFigures(pairs, 100);
    expect(datasets.map(({ dataset, figures }) => [dataset, figures.items])).toEqual([
      ['set 0', 20],
      ['set 1', 20],
    ]);
    expect(all.items).toBe(40);
    for (const { parent, child, change } of [all, ...datasets.map(({ figures }) => figures)]) {
      for (const name of ['sampleAccuracy', 'entropyNats', 'imageSupport', 'macroF1'] as const) {
        const difference = (child[name].value ?? NaN) - (parent[name].value ?? NaN);
        expect(change[name].value).toBeCloseTo(difference, 12);
      }
      expect(change.unparsedShare.value).toBeGreaterThan(0);
    }
  });

  it('has tighter intervals than two independent runs: the resamples are shared', () => {
    const self = pairedFigures(
      pairs.map(({ parent }) => ({ parent, child: parent })),
      100,
    );
    expect(self.all.change.sampleAccuracy).toEqual({ value: 0, interval: { lower: 0, upper: 0 } });
    const { parent } = self.all;
    expect(parent.sampleAccuracy.interval?.lower).toBeLessThan(parent.sampleAccuracy.value ?? 0);
  });

  it('refuses an empty set', () => {
    expect(() => pairedFigures([])).toThrow(RangeError);
  });

  it('compares at k that both sides have, over the same pairs', () => {
    const uneven = [
      pair(item(4, 8), item(1, 2)),
      pair(item(0, 8), item(8, 8)),
      pair(item(8, 8), item(0, 16)),
    ];
    const { parent, child, change } = allOf(uneven);
    expect(change.passAtK.map(({ k, items }) => [k, items.value])).toEqual([
      [1, 3],
      [2, 3],
      [4, 2],
      [8, 2],
    ]);
    expect(change.items.value).toBe(3);
    expect(parent.passAtK[2]?.support.value).toBe(0.5);
    expect(child.passAtK[2]?.support.value).toBe(0.5);
    expect(change.passAtK[2]?.support.value).toBe(0);
    // Informative k is 4, and 2 for the pair of which one side has 2 samples: 1 − C(4, 2) / C(8, 2).
    const [before, after] = [(22 / 28 + 0 + 1) / 3, (1 + 1 + 0) / 3];
    expect(parent.informativeSupport.value).toBeCloseTo(before, 12);
    expect(change.informativeSupport.value).toBeCloseTo(after - before, 12);
  });

  it('takes image support from the pairs with nulls on both sides', () => {
    const wrong = answerTexts('A', 4);
    const nulls = nullsOf(wrong, wrong, wrong, wrong, wrong);
    const { parent, child, change } = allOf([
      pair(item(0, 8, { nulls }), item(8, 8, { nulls })),
      pair(item(8, 8, { nulls }), item(8, 8)),
      pair(item(8, 8), item(0, 8, { nulls })),
    ]);
    expect([parent.imageSupport.value, child.imageSupport.value]).toEqual([0, 1]);
    expect(change.imageSupport.value).toBe(1);
    expect(change.blindItems.value).toBe(1);
    expect(change.accuracyAt1.value).toBe(0);
  });
});

describe('crossing', () => {
  const crossing = (pairs: readonly Pair[], resamples = 0) => allOf(pairs, resamples).crossing;
  /** Right ones of 8 samples, item by item. */
  const of8 = (parents: readonly number[], children: readonly number[]): readonly Pair[] =>
    parents.map((c, place) => pair(item(c, 8), item(children[place] ?? 0, 8)));

  it('is where a sharper child loses its lead', () => {
    // ΔS_1 = 0 and then below: they start as one and never cross.
    const behind = [pair(item(8, 16), item(16, 16)), pair(item(8, 16), item(0, 16))];
    expect(crossing(behind).value).toBeNull();
    const lead = [pair(item(4, 16), item(16, 16)), pair(item(4, 16), item(0, 16))];
    // ΔS_2 = ½ − 54/120 = .05, ΔS_4 = ½ − (1 − 495/1820) = −.228.
    const [at2, at4] = [0.5 - 54 / 120, 0.5 - (1 - 495 / 1820)];
    expect(crossing(lead).value).toBeCloseTo(2 ** (1 + at2 / (at2 - at4)), 12);
    // The child's curve falls behind for good: the same the other way round.
    const turned = lead.map(({ parent, child }) =>
      pair(child as ItemFigures, parent as ItemFigures),
    );
    expect(crossing(turned).value).toBeCloseTo(crossing(lead).value ?? NaN, 12);
  });

  it('is a k of the curve where they meet there and then change sides', () => {
    // S of the child is ½ throughout, of the parent ¼, ½, 1.
    expect(crossing([pair(item(1, 4), item(4, 4)), pair(item(1, 4), item(0, 4))]).value).toBe(2);
    // ΔS = 0, 2/7, 0, −1: that they start as one is no crossing.
    expect(crossing(of8([1, 1, 8], [0, 5, 5])).value).toBe(4);
  });

  it('takes rounding for no difference', () => {
    // ΔS = 0, 1/14, −1/14, 0; S_1 are equal sums in another order.
    const { value } = crossing(of8([3, 3, 8], [2, 5, 7]));
    expect(value).toBeCloseTo(2 ** 1.5, 9);
    expect(crossing(of8([3, 3, 8, 2, 6], [8, 2, 6, 3, 3])).value).toBeNull();
  });

  it('does not exist where one curve is above or the curves are one', () => {
    expect(crossing([pair(item(1, 8), item(4, 8))]).value).toBeNull();
    expect(crossing([pair(item(3, 8), item(3, 8))]).value).toBeNull();
  });

  it('has an interval when most resamples cross', () => {
    const pairs = Array.from({ length: 60 }, (_, id) =>
      pair(item(2 + (id % 5), 16), item(id % 2 === 0 ? 16 : 0, 16)),
    );
    const { value, interval } = crossing(pairs, 200);
    expect(value).not.toBeNull();
    expect(interval?.lower).toBeLessThan(value ?? 0);
    expect(interval?.upper).toBeGreaterThan(value ?? 0);
  });
});
