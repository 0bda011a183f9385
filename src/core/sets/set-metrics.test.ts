import { describe, expect, it } from 'vitest';
import { wilsonInterval } from '../intervals.ts';
import { answerTexts, FREE_FORM_QUESTION, nullsOf, recordOf, sampleOf } from '../record-fixture.ts';
import type { ItemRecord, Question } from '../types.ts';
import type { ItemFigures } from './item-figures.ts';
import { runFigures, type SetFigures } from './run-figures.ts';
import { figuresOf, randomOf, simulatedItem, simulatedParents } from './set-fixture.ts';
import { comparedK, samplesForSupport } from './set-metrics.ts';

interface Asked {
  readonly dataset?: string;
  readonly options?: number;
  readonly right?: readonly number[];
  readonly greedy?: string;
  readonly nulls?: ItemRecord['nulls'];
}

const base = recordOf([]);

/** An item whose right answer is A unless told otherwise. */
function item(texts: readonly string[], asked: Asked = {}): ItemFigures {
  const { dataset = 'bloodmnist', options = 4, right = [0], greedy = 'A', nulls } = asked;
  const question: Question = {
    text: 'Which cell?',
    options: Array.from({ length: options }, (_, place) => `cell ${place}`),
    correctOptions: right,
    referenceAnswer: null,
  };
  return figuresOf(
    recordOf(texts, {
      image: { ...base.image, dataset },
      question,
      greedy: sampleOf(`<answer>${greedy}</answer>`),
      ...(nulls && { nulls }),
    }),
  );
}

const samples = (right: number, wrong: number): string[] => [
  ...answerTexts('B', wrong),
  ...answerTexts('A', right),
];

const freeForm = (texts: readonly string[], greedy: string): ItemFigures =>
  figuresOf(recordOf(texts, { question: FREE_FORM_QUESTION, greedy: sampleOf(greedy) }));

const allOf = (items: readonly ItemFigures[]): SetFigures => runFigures(items, 0).all;

describe('metrics of a run', () => {
  const items = [item(samples(1, 3)), item(samples(4, 0)), item(samples(0, 4), { greedy: 'B' })];

  it('are the means over the items', () => {
    const figures = allOf(items);
    expect(figures.items.value).toBe(3);
    expect(figures.accuracyAt1.value).toBeCloseTo(2 / 3, 12);
    expect(figures.sampleAccuracy.value).toBeCloseTo((0.25 + 1 + 0) / 3, 12);
    expect(figures.majorityAccuracy.value).toBeCloseTo(1 / 3, 12);
    expect(figures.uniqueAnswers.value).toBeCloseTo(4 / 3, 12);
    const entropy = -0.25 * Math.log(0.25) - 0.75 * Math.log(0.75);
    expect(figures.entropyNats.value).toBeCloseTo(entropy / 3, 12);
    expect(figures.millerMadowNats.value).toBeCloseTo((entropy + 1 / 8) / 3, 12);
    expect(figures.cover.map(({ threshold, share }) => [threshold, share.value])).toEqual([
      [0.1, 2 / 3],
      [0.25, 2 / 3],
      [0.5, 1 / 3],
      [0.75, 1 / 3],
      [0.9, 1 / 3],
    ]);
    expect(figures.imageSupport.value).toBeNull();
    expect(figures.pBlind.value).toBeNull();
  });

  it('have a curve: S_k, what guessing gives, gap, efficiency, above chance', () => {
    const { passAtK } = allOf(items);
    expect(passAtK.map(({ k }) => k)).toEqual([1, 2, 4]);
    const [one, two, four] = passAtK;
    // C(3, 2) / C(4, 2) = 1/2 without a right one of two.
    expect(two?.support.value).toBeCloseTo((0.5 + 1 + 0) / 3, 12);
    expect(two?.empirical.value).toBeCloseTo(1 / 3, 12);
    expect(four?.support.value).toBeCloseTo(2 / 3, 12);
    expect(four?.empirical.value).toBeCloseTo(2 / 3, 12);
    expect(two?.gap.value).toBeCloseTo(0.5 - 2 / 3, 12);
    expect(two?.efficiency.value).toBeCloseTo(4 / 3, 12);
    expect(one?.chance.value).toBeCloseTo(0.25, 12);
    expect(two?.chance.value).toBeCloseTo(7 / 16, 12);
    expect(two?.aboveChance.value).toBeCloseTo((0.5 - 7 / 16) / (9 / 16), 12);
    // Guessing passes .68 at k = 4.
    expect(four?.aboveChance.value).toBeNull();
  });

  it('have no efficiency where nothing is supported', () => {
    const { passAtK } = allOf([item(samples(0, 2))]);
    expect(passAtK.map(({ efficiency }) => efficiency.value)).toEqual([null, null]);
  });

  it('compare support and A over the same items where some have fewer samples', () => {
    const short = item(samples(0, 1), { greedy: 'B' });
    const { passAtK } = allOf([...items, short]);
    const [one, , four] = passAtK;
    expect([one?.items.value, four?.items.value]).toEqual([4, 3]);
    expect(one?.gap.value).toBeCloseTo(1.25 / 4 - 2 / 4, 12);
    // The short item's A is not in the gap at 4.
    expect(four?.gap.value).toBeCloseTo(0, 12);
    expect(four?.efficiency.value).toBeCloseTo(1, 12);
  });

  it('count free-form items, which have no chance level', () => {
    const mixed = [
      freeForm(['<answer>left kidney</answer>', ...answerTexts('liver', 4)], 'hm'),
      item(samples(5, 0)),
    ];
    const figures = allOf(mixed);
    expect(figures.passAtK.map(({ chance }) => chance.value)).toEqual([null, null, null, null]);
    expect(figures.passAtK[0]?.aboveChance.value).toBeNull();
    expect(figures.parsedAt1.value).toBe(0.5);
    expect(figures.accuracyAmongParsed.value).toBe(1);
    // k = 4 for free-form: 1 − C(4, 4) / C(5, 4).
    expect(figures.informativeSupport.value).toBeCloseTo((0.8 + 1) / 2, 12);
  });

  it('take several right options, for which there is no macro-F1', () => {
    const several = item([...samples(1, 1), '<answer>C</answer>', 'hm'], { right: [0, 2] });
    const figures = allOf([several]);
    expect(figures.sampleAccuracy.value).toBe(0.5);
    expect(figures.unparsedShare.value).toBe(0.25);
    expect(figures.passAtK[1]?.chance.value).toBeCloseTo(0.75, 12);
    expect(figures.macroF1.value).toBeNull();
    const { datasets, all } = runFigures([several, item(samples(1, 1), { dataset: 'other' })], 0);
    expect(datasets.map(({ figures: { macroF1 } }) => macroF1.value)).toEqual([null, 1]);
    expect(all.macroF1.value).toBeNull();
  });

  it('take image support from the items with wrong images', () => {
    const wrong = answerTexts('B', 4);
    const nulls = nullsOf(wrong, wrong, wrong, wrong, wrong);
    const seen = item(samples(8, 0), { nulls });
    const unseen = item(samples(1, 7), { nulls });
    const figures = allOf([seen, unseen, item(samples(8, 0))]);
    expect(figures.imageSupport.value).toBe(0.5);
    expect(figures.blindItems.value).toBe(2);
    expect(figures.pBlind.value).toBe(0);
    expect(figures.tooFewSamples.value).toBe(0);
    expect(figures.samplesForSupport.value).toBeNull();
    // "Which is it not": three of four are right, and 8 of 8 do not exceed three quarters.
    const not = item(samples(8, 0), { right: [0, 2, 3], nulls });
    expect(allOf([seen, not])).toMatchObject({
      imageSupport: { value: 0.5 },
      tooFewSamples: { value: 0.5 },
      samplesForSupport: { value: 12 },
    });
  });

  it('are null or complete per dataset; all weighs items, macro weighs datasets', () => {
    const sets = [...items, item(samples(4, 0), { dataset: 'other' })];
    const { datasets, all, macro } = runFigures(sets, 50);
    expect(datasets.map(({ dataset }) => dataset)).toEqual(['bloodmnist', 'other']);
    expect(all.accuracyAt1.value).toBeCloseTo(3 / 4, 12);
    expect(macro.accuracyAt1.value).toBeCloseTo((2 / 3 + 1) / 2, 12);
    expect(datasets[1]?.figures.accuracyAt1).toEqual({
      value: 1,
      interval: { lower: 1, upper: 1 },
    });
  });
});

describe('comparedK', () => {
  it('is the informative k, at most the samples there are', () => {
    const many = samples(40, 24);
    const at = (options: number, right = [0]): number => comparedK(item(many, { options, right }));
    expect([2, 4, 8, 11].map((options) => at(options))).toEqual([2, 4, 8, 16]);
    // Guessing passes 0.8 at once.
    expect(at(8, [0, 1, 2, 3, 4, 5, 6])).toBe(1);
    expect(comparedK(item(samples(1, 2), { options: 8 }))).toBe(3);
    expect(comparedK(item(many, { options: 8 }), 5)).toBe(5);
    expect(comparedK(freeForm(many, 'hm'))).toBe(4);
  });
});

describe('samplesForSupport', () => {
  it('is the first number of right answers whose lower bound exceeds guessing', () => {
    for (const [options, right] of [
      [2, [0]],
      [4, [1]],
      [8, [0, 1, 2, 3, 4, 5, 6]],
      [4, [0, 1, 2]],
    ] as const) {
      const needed = samplesForSupport(item(samples(1, 1), { options, right })) ?? 0;
      const chance = right.length / options;
      expect(wilsonInterval(needed, needed).lower).toBeGreaterThan(chance);
      expect(wilsonInterval(needed - 1, needed - 1).lower).toBeLessThanOrEqual(chance);
    }
    expect(samplesForSupport(item(samples(1, 1), { right: [0, 1, 2, 3] }))).toBeNull();
    expect(samplesForSupport(freeForm(samples(1, 1), 'hm'))).toBe(1);
  });
});

describe('runFigures', () => {
  it('gives values without resamples, and no interval', () => {
    const random = randomOf(8);
    const items = simulatedParents(30, random).map((one) => simulatedItem(one, random));
    const { all } = runFigures(items, 0);
    expect(all.accuracyAt1.interval).toBeNull();
    expect(all.accuracyAt1.value).toBe(runFigures(items, 50).all.accuracyAt1.value);
  });

  it('refuses an empty set', () => {
    expect(() => runFigures([])).toThrow(RangeError);
  });
});
