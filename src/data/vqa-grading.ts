/**
 * Which free-form answers of a VQA set count as right beside the released normalised match. The rule is
 * chosen for a whole file, and written into each of its questions, so that it stays with the run.
 * Questions with options are graded by their letter, whatever the rule.
 */
import { isMultipleChoice, normalizeFreeForm } from '../core/question.ts';
import type { Grading, Question } from '../core/types.ts';
import { validateQuestion } from '../core/validate.ts';

export type VqaGrading =
  | { readonly by: 'normalized' }
  /** `{answer}` in it stands for the answer of the line, as it is compared, taken literally. */
  | { readonly by: 'pattern'; readonly source: string }
  /** Groups of texts that mean the same. */
  | { readonly by: 'synonyms'; readonly groups: readonly (readonly string[])[] };

/** A free-form question with a known answer: only these are graded by the rule. */
export function isGradedByRule(question: Question): boolean {
  return !isMultipleChoice(question) && question.referenceAnswer !== null;
}

/** The question as the rule grades it. */
export function gradedQuestion(question: Question, grading: VqaGrading): Question {
  const { referenceAnswer } = question;
  if (!isGradedByRule(question) || referenceAnswer === null) return question;
  const own = gradingOf(normalizeFreeForm(referenceAnswer), grading);
  return own ? { ...question, grading: own } : question;
}

/**
 * What is wrong with a rule for these questions, a sentence; `null` when it can be used.
 *
 * @param questions those of a file
 */
export function gradingProblem(grading: VqaGrading, questions: readonly Question[]): string | null {
  const graded = questions.filter(isGradedByRule);
  if (graded.length === 0 || grading.by === 'normalized') return null;
  if (grading.by === 'synonyms') {
    return grading.groups.length > 0
      ? null
      : 'Write at least one line of texts that mean the same: liver = hepatic tissue';
  }
  if (grading.source.trim() === '') return 'Write the pattern that a right answer matches.';
  const seen = new Set<string>();
  for (const question of graded) {
    const one = gradedQuestion(question, grading);
    const source = one.grading?.by === 'pattern' ? one.grading.source : '';
    if (seen.has(source)) continue;
    seen.add(source);
    const problem = validateQuestion(one).find(({ field }) => field === 'grading');
    if (problem) return problem.message;
  }
  return null;
}

/** How many of these questions have more right answers by the rule than by the normalised match. */
export function widenedCount(grading: VqaGrading, questions: readonly Question[]): number {
  return questions.filter((one) => gradedQuestion(one, grading).grading !== undefined).length;
}

/** @param answer normalised */
function gradingOf(answer: string, grading: VqaGrading): Grading | null {
  if (grading.by === 'normalized') return null;
  if (grading.by === 'pattern') {
    const literal = answer.replace(/[$()*+./?[\\\]^{|}]/gu, '\\$&');
    return { by: 'pattern', source: grading.source.replaceAll('{answer}', () => literal) };
  }
  const group = grading.groups.find((texts) =>
    texts.some((one) => normalizeFreeForm(one) === answer),
  );
  return group ? { by: 'synonyms', accepted: group } : null;
}

/** Synonyms as people type them: a group a line, `=` or `,` between texts. */
export function parseSynonyms(text: string): readonly (readonly string[])[] {
  return text
    .split(/\r?\n/u)
    .map((line) =>
      line
        .split(/[=,]/u)
        .map((one) => one.trim())
        .filter((one) => one !== ''),
    )
    .filter((group) => group.length > 1);
}
