import { describe, expect, test } from 'vitest';
import { isCorrect, parseAnswer } from '../core/parser.ts';
import type { Question } from '../core/types.ts';
import {
  gradedQuestion,
  gradingProblem,
  parseSynonyms,
  widenedCount,
  type VqaGrading,
} from './vqa-grading.ts';

const freeForm = (referenceAnswer: string | null): Question => ({
  text: 'What is shown?',
  options: [],
  correctOptions: [],
  referenceAnswer,
});
const CHOICE: Question = {
  text: 'Which organ?',
  options: ['liver', 'kidney'],
  correctOptions: [1],
  referenceAnswer: null,
};
const NORMALIZED: VqaGrading = { by: 'normalized' };

/** Is a model's text right under the rule? */
function right(text: string, question: Question, rule: VqaGrading): boolean | null {
  const graded = gradedQuestion(question, rule);
  return isCorrect(parseAnswer(`<answer>${text}</answer>`, graded), graded);
}

test('the released match folds case, blanks and punctuation at the ends', () => {
  expect(gradedQuestion(freeForm('Liver'), NORMALIZED)).toEqual(freeForm('Liver'));
  expect(right(' LIVER. ', freeForm('Liver'), NORMALIZED)).toBe(true);
  expect(right('the liver', freeForm('Liver'), NORMALIZED)).toBe(false);
});

describe('a pattern', () => {
  const rule: VqaGrading = { by: 'pattern', source: '^(an? )?{answer}$' };

  test('holds the answer as it is compared, taken literally', () => {
    const graded = gradedQuestion(freeForm('X-ray (AP).'), rule);
    expect(graded.grading).toEqual({ by: 'pattern', source: '^(an? )?x-ray \\(ap$' });
    expect(right('An X-ray (AP)', freeForm('X-ray (AP).'), rule)).toBe(true);
    expect(right('X-ray AP', freeForm('X-ray (AP).'), rule)).toBe(false);
  });

  test('that is none, takes anything or is empty is named', () => {
    const problem = (source: string) =>
      gradingProblem({ by: 'pattern', source }, [CHOICE, freeForm('liver')]);
    expect(problem('^{answer}$')).toBeNull();
    expect(problem('(')).toContain('no regular expression');
    expect(problem('{answer}|.*')).toContain('would take anything');
    expect(problem(' ')).toContain('Write the pattern');
  });

  test('that breaks with one of the answers only is named too', () => {
    const questions = [freeForm('m'), freeForm('a')];
    expect(gradingProblem({ by: 'pattern', source: '[b-{answer}]' }, questions)).toContain(
      'no regular expression',
    );
  });
});

describe('synonyms', () => {
  const groups = parseSynonyms('x-ray (AP) = radiograph, plain film\n\nalone\nkidney = renal');
  const rule: VqaGrading = { by: 'synonyms', groups };

  test('are a group a line', () => {
    expect(groups).toEqual([
      ['x-ray (AP)', 'radiograph', 'plain film'],
      ['kidney', 'renal'],
    ]);
  });

  test('go with the answers that they are of', () => {
    expect(right('Plain film', freeForm('X-ray (AP)'), rule)).toBe(true);
    expect(right('renal', freeForm('X-ray (AP)'), rule)).toBe(false);
    expect(gradedQuestion(freeForm('CT'), rule)).toEqual(freeForm('CT'));
    expect(widenedCount(rule, [freeForm('Kidney.'), freeForm('CT'), CHOICE])).toBe(1);
  });

  test('without a group there is no rule', () => {
    const empty: VqaGrading = { by: 'synonyms', groups: parseSynonyms('alone') };
    expect(gradingProblem(empty, [freeForm('liver')])).toContain('at least one line');
    expect(gradingProblem(rule, [freeForm('liver')])).toBeNull();
  });
});

test('options are graded by their letter and unknown answers not at all, whatever the rule', () => {
  const broken: VqaGrading = { by: 'pattern', source: '(' };
  expect(gradingProblem(broken, [CHOICE, freeForm(null)])).toBeNull();
  expect(gradedQuestion(CHOICE, broken)).toBe(CHOICE);
  expect(right('B', CHOICE, broken)).toBe(true);
  expect(right('liver', freeForm(null), broken)).toBeNull();
});
