import { describe, expect, it } from 'vitest';
import { summarizeItem } from './item-summary.ts';
import {
  answerTexts,
  BLOOD_QUESTION,
  FREE_FORM_QUESTION,
  nullsOf,
  recordOf,
  SAMPLER,
  sampleOf,
} from './record-fixture.ts';
import { supportSentence } from './support-sentence.ts';
import type { ItemRecord } from './types.ts';

function sentence(texts: readonly string[], changes: Partial<ItemRecord> = {}): string {
  const item = recordOf(texts, { sampler: { ...SAMPLER, k: texts.length }, ...changes });
  return supportSentence(summarizeItem(item), item.question);
}

/** Of `n` samples with each wrong image, so many give the right answer. */
const wrongImages = (n: number, ...right: readonly number[]) =>
  nullsOf(
    answerTexts('B', 8),
    ...right.map((c) => [...answerTexts('B', c), ...answerTexts('A', n - c)]),
  );

const ELEVEN = [...answerTexts('B', 11), ...answerTexts('D', 4), ...answerTexts('A', 1)];
const FEW = [...answerTexts('B', 2), ...answerTexts('A', 2)];

describe('supportSentence', () => {
  it('says the verdict, and that guessing would reach it too', () => {
    expect(sentence(ELEVEN, { greedy: sampleOf('<answer>B</answer>') })).toBe(
      'The right answer, eosinophil, is in the support at K = 16: 11 of 16 answers ' +
        '(95 % interval 0.44–0.86; guessing alone gives 0.25 per answer). ' +
        'Guessing alone would reach it at this K with probability 0.99. ' +
        'The greedy answer is right.',
    );
  });

  it('does not speak of guessing at K where it says something', () => {
    expect(sentence(FEW)).toBe(
      'The right answer, eosinophil, is in the support at K = 4: 2 of 4 answers ' +
        '(95 % interval 0.15–0.85; guessing alone gives 0.25 per answer).',
    );
  });

  it('sets it against the wrong image', () => {
    const once = wrongImages(16, 1, 1, 1, 1);
    expect(sentence(ELEVEN, { nulls: once })).toContain(
      'per answer; with a wrong image it would be 0.063). Guessing',
    );
    expect(sentence(ELEVEN, { nulls: once })).toContain(
      'Supported by the image: the lower bound, 0.44, exceeds both guessing and what 4 wrong images give. With',
    );
    expect(sentence(ELEVEN, { nulls: wrongImages(4, 2, 0, 1, 0) })).toContain(
      'what 4 wrong images give, although so few leave room up to 0.57.',
    );
    expect(sentence(ELEVEN, { nulls: wrongImages(4, 2, 2, 2, 2) })).toContain(
      'Not clearly supported by the image: the lower bound, 0.44, does not exceed what 4 wrong images give.',
    );
    expect(sentence(FEW, { nulls: wrongImages(4, 0, 0, 0, 0) })).toContain('exceed guessing.');
    expect(sentence(FEW, { nulls: wrongImages(4, 4, 4, 4, 4) })).toContain(
      'exceed guessing or what 4 wrong images give.',
    );
  });

  it('gives the second seed its count, and claims nothing of images that are missing', () => {
    const nulls = nullsOf([...answerTexts('B', 12), ...answerTexts('A', 4)]);
    const text = sentence(ELEVEN, { nulls });
    expect(text).toContain('With another seed it is 12 of 16.');
    expect(text).not.toContain('image');
    expect(sentence(ELEVEN, { nulls: wrongImages(4, 1, 1, 1) })).not.toContain('image');
  });

  it('claims no absence when the truth was not seen', () => {
    expect(sentence(answerTexts('D', 16), { greedy: sampleOf('D') })).toBe(
      'The right answer, eosinophil, was not seen in 16 samples; with 95 % confidence its share is ' +
        'below 0.20; guessing alone gives 0.25 per answer. ' +
        'Guessing alone would reach it at this K with probability 0.99. ' +
        'The greedy answer, neutrophil, is wrong.',
    );
  });

  it('says how far a stopped run came', () => {
    const sampler = { ...SAMPLER, k: 64 };
    expect(sentence(FEW, { sampler })).toContain('is in the support after 4 of 64 samples: 2 of 4');
    expect(sentence(answerTexts('A', 1), { sampler })).toContain('not seen in 1 of 64 samples');
    expect(sentence(ELEVEN, { sampler })).toContain('would reach it in 16 answers with');
    expect(sentence([], { sampler })).toBe('No samples yet.');
  });

  it('tells the distribution only when no truth is marked', () => {
    const question = { ...BLOOD_QUESTION, correctOptions: [] };
    expect(sentence(ELEVEN, { question, greedy: sampleOf('A') })).toBe(
      'No truth is marked: 3 different answers in 16 samples, most often eosinophil (11 of 16). ' +
        'The greedy answer is basophil.',
    );
    expect(sentence(FEW, { question })).toContain('most often basophil and eosinophil (2 of 4)');
    expect(sentence(['hm'], { question })).toBe(
      'No truth is marked: 0 different answers in 1 sample. 1 of 1 samples gave no readable answer.',
    );
  });

  it('names several right options and free-form truths', () => {
    const two = { ...BLOOD_QUESTION, correctOptions: [1, 3] };
    expect(sentence(FEW, { question: two })).toContain(
      'The right answer, eosinophil or neutrophil, is',
    );
    const most = { ...BLOOD_QUESTION, correctOptions: [0, 2, 3] };
    expect(sentence(FEW, { question: most })).toContain(
      'The right answer, any option but eosinophil, is in the support at K = 4: 2 of 4 answers ' +
        '(95 % interval 0.15–0.85; guessing alone gives 0.75 per answer). ' +
        'Guessing alone would reach it at this K with probability >0.99.',
    );
    const seven = {
      ...BLOOD_QUESTION,
      options: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'],
      correctOptions: [0, 1, 2, 3, 4, 5, 6],
    };
    expect(sentence(FEW, { question: seven })).toContain(
      'The right answer, one of 7 right options, is',
    );
    expect(sentence(['<answer>left kidney'], { question: FREE_FORM_QUESTION })).toBe(
      'The right answer, Left kidney, is in the support at K = 1: 1 of 1 answer (95 % interval 0.21–1).',
    );
  });

  it('says what could not be read', () => {
    expect(sentence(['hm', ...FEW], { greedy: sampleOf('hm') })).toContain(
      '1 of 5 samples gave no readable answer. The greedy text gives no readable answer.',
    );
  });
});
