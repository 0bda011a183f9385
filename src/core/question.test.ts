import { describe, expect, it } from 'vitest';
import { answerLabel, normalizeFreeForm, optionLetter, rightAnswers } from './question.ts';
import { BLOOD_QUESTION, FREE_FORM_QUESTION } from './record-fixture.ts';

describe('question', () => {
  it('letters its options', () => {
    expect([0, 1, 25].map(optionLetter)).toEqual(['A', 'B', 'Z']);
    for (const index of [-1, 26, 0.5, NaN]) expect(() => optionLetter(index)).toThrow(RangeError);
  });

  it('gives the right answers in the form of the parser', () => {
    expect(rightAnswers({ ...BLOOD_QUESTION, correctOptions: [2, 0, 2] })).toEqual(['A', 'C']);
    expect(rightAnswers({ ...BLOOD_QUESTION, correctOptions: [-1, 4, 1] })).toEqual(['B']);
    expect(rightAnswers({ ...BLOOD_QUESTION, correctOptions: [] })).toEqual([]);
    expect(rightAnswers(FREE_FORM_QUESTION)).toEqual(['left kidney']);
    expect(rightAnswers({ ...FREE_FORM_QUESTION, referenceAnswer: '--' })).toEqual([]);
  });

  it('labels answers for people', () => {
    expect(answerLabel('B', BLOOD_QUESTION)).toBe('eosinophil');
    expect(answerLabel(null, BLOOD_QUESTION)).toBe('unparsed');
    expect(answerLabel('left kidney', FREE_FORM_QUESTION)).toBe('left kidney');
  });

  it('normalises free-form text and is idempotent', () => {
    for (const text of ['  The\tLEFT\n kidney!? ', '_x_', 'ÅNGSTRÖM', '(a) b (c)', '-3', '½ cup']) {
      const once = normalizeFreeForm(text);
      expect(normalizeFreeForm(once)).toBe(once);
    }
    expect(normalizeFreeForm('  The\tLEFT\n kidney!? ')).toBe('the left kidney');
    expect(normalizeFreeForm('-3')).toBe('3');
  });
});
