import { describe, expect, it } from 'vitest';
import { answerLabel, isRight, normalizeFreeForm, optionLetter, rightAnswers } from './question.ts';
import { BLOOD_QUESTION, FREE_FORM_QUESTION } from './record-fixture.ts';
import type { Question } from './types.ts';
import { validateQuestion } from './validate.ts';

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

describe('grading of a free-form answer', () => {
  const graded = (grading: Question['grading']): Question => ({
    ...FREE_FORM_QUESTION,
    ...(grading && { grading }),
  });

  it('synonyms are compared as the reference is, and stand behind it', () => {
    const question = graded({ by: 'synonyms', accepted: ['Kidney, left.', '', 'Left kidney'] });
    expect(rightAnswers(question)).toEqual(['left kidney', 'kidney, left']);
    expect(isRight('kidney, left', question)).toBe(true);
    expect(isRight('kidney', question)).toBe(false);
  });

  it('a pattern is tried on the normalised answer, and the reference stays right', () => {
    const question = graded({ by: 'pattern', source: '^(l|left) kid' });
    expect(isRight('l kidney', question)).toBe(true);
    expect(isRight('left kidney', question)).toBe(true);
    expect(isRight('right kidney', question)).toBe(false);
    expect(isRight(null, question)).toBe(false);
  });

  it('without a marked truth nothing is right or wrong', () => {
    const question = { ...graded({ by: 'pattern', source: 'x' }), referenceAnswer: null };
    expect(isRight('x', question)).toBeNull();
  });

  it('a pattern that is none, and one that takes anything, are refused', () => {
    for (const source of ['(', 'a*']) {
      expect(validateQuestion(graded({ by: 'pattern', source }))).toMatchObject([
        { field: 'grading' },
      ]);
    }
    expect(validateQuestion(graded({ by: 'pattern', source: 'a' }))).toEqual([]);
  });
});
