import { describe, expect, it } from 'vitest';
import {
  answerTexts,
  BLOOD_QUESTION,
  FREE_FORM_QUESTION,
  nullsOf,
  recordOf,
  sampleOf,
} from '../record-fixture.ts';
import type { ItemRecord, Question } from '../types.ts';
import { itemFigures, NO_DATASET } from './item-figures.ts';

const GREEDY = sampleOf('<answer>B</answer>');
const TEXTS = [
  ...answerTexts('A', 2),
  ...answerTexts('B', 3),
  'no idea',
  '<answer>D</answer>',
  'B',
];
const question = (changes: Partial<Question>): Question => ({ ...BLOOD_QUESTION, ...changes });
const record = (texts: readonly string[], changes: Partial<ItemRecord> = {}): ItemRecord =>
  recordOf(texts, { greedy: GREEDY, ...changes });

describe('itemFigures', () => {
  it('counts a multiple-choice item', () => {
    const figures = itemFigures(record(TEXTS));
    expect(figures).toMatchObject({
      itemId: 'bloodmnist/test/0',
      dataset: 'bloodmnist',
      split: 'test',
      options: 4,
      rightOptions: 1,
      rightLabel: 'eosinophil',
      greedyLabel: 'eosinophil',
      greedyCorrect: true,
      pBlind: null,
      second: null,
    });
    const { entropyNats, millerMadowNats, ...draw } = figures?.draw ?? {};
    expect(draw).toEqual({
      n: 8,
      c: 4,
      firstRight: 2,
      firstHalf: { n: 4, c: 2 },
      counts: [
        ['B', 4],
        ['A', 2],
        ['D', 1],
        [null, 1],
      ],
      majorityCorrect: 1,
      formatFailure: false,
      supportedByImage: null,
    });
    // −½ ln ½ − ¼ ln ¼ − 2 · ⅛ ln ⅛
    expect(entropyNats).toBeCloseTo(1.75 * Math.LN2, 12);
    expect(millerMadowNats).toBeCloseTo(1.75 * Math.LN2 + 3 / 16, 12);
  });

  it('counts nothing without a truth, a greedy answer or samples', () => {
    expect(itemFigures(record(TEXTS, { question: question({ correctOptions: [] }) }))).toBeNull();
    expect(itemFigures(recordOf(TEXTS))).toBeNull();
    expect(itemFigures(record([]))).toBeNull();
  });

  it('counts a free-form item, whose classes are its normalised answers', () => {
    const figures = itemFigures(
      record(['<answer>left  Kidney.</answer>', '<answer>liver</answer>', 'hm'], {
        question: FREE_FORM_QUESTION,
        greedy: sampleOf('<answer>Liver</answer>'),
        image: { ...recordOf([]).image, dataset: null },
      }),
    );
    expect(figures).toMatchObject({
      dataset: NO_DATASET,
      options: 0,
      rightOptions: 0,
      rightLabel: 'left kidney',
      greedyLabel: 'liver',
      greedyCorrect: false,
      draw: { n: 3, c: 1, firstRight: 0, firstHalf: { n: 1, c: 1 } },
    });
  });

  it('takes every one of several right options', () => {
    const several = question({ correctOptions: [3, 1] });
    expect(itemFigures(record(TEXTS, { question: several }))).toMatchObject({
      rightOptions: 2,
      rightLabel: 'eosinophil / neutrophil',
      draw: { c: 5, majorityCorrect: 1 },
    });
  });

  it('shares the vote between ties, and gives none to what does not parse', () => {
    const tied = [...answerTexts('A', 2), ...answerTexts('B', 2), 'hm', 'hm', 'hm'];
    expect(itemFigures(record(tied))?.draw).toMatchObject({ majorityCorrect: 0.5, n: 7 });
    expect(itemFigures(record(['hm', 'well'], { greedy: sampleOf('hm') }))).toMatchObject({
      greedyLabel: null,
      greedyCorrect: false,
      draw: { majorityCorrect: 0, formatFailure: true, firstRight: null, entropyNats: 0 },
    });
  });

  it('is supported by the image above guessing and above the wrong images', () => {
    const right = answerTexts('B', 8);
    const withNulls = (...blind: readonly (readonly string[])[]) =>
      itemFigures(record(right, { nulls: nullsOf(answerTexts('A', 8), ...blind) }));
    const [a, b] = [answerTexts('A', 4), answerTexts('B', 4)];
    const seen = withNulls(a, a, b, b);
    expect(seen).toMatchObject({
      pBlind: 0.5,
      draw: { c: 8, supportedByImage: true },
      second: { n: 8, c: 0, supportedByImage: false },
    });
    expect(withNulls(a, b, b, b)).toMatchObject({
      pBlind: 0.75,
      draw: { supportedByImage: false },
    });
    // Three images are no null.
    expect(withNulls(a, a, a)).toMatchObject({ pBlind: null, draw: { supportedByImage: null } });
  });

  it('has one key for the same image and question only', () => {
    const keyOf = (changes: Partial<ItemRecord>) =>
      itemFigures(record(TEXTS, changes))?.questionKey;
    const own = keyOf({});
    expect(keyOf({ promptMode: 'think', promptText: 'other words round it' })).toBe(own);
    expect(keyOf({ image: { ...recordOf([]).image, sha256: 'f'.repeat(64) } })).not.toBe(own);
    for (const other of [
      question({ text: 'What is it?' }),
      question({ options: BLOOD_QUESTION.options.toReversed() }),
      question({ correctOptions: [2] }),
    ]) {
      expect(keyOf({ question: other })).not.toBe(own);
    }
  });
});
