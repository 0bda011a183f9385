/**
 * What a question asks for: letters of its options, its truth, the words shown for an answer.
 */
import type { Question } from './types.ts';

/** Letters `A` … `Z`; a question has at most this many options. */
export const MAX_OPTIONS = 26;

/** `0` → `'A'`. RangeError outside 0 … 25. */
export function optionLetter(index: number): string {
  if (!Number.isInteger(index) || index < 0 || index >= MAX_OPTIONS) {
    throw new RangeError(`An option index is an integer from 0 to 25, not ${index}.`);
  }
  return String.fromCharCode(65 + index);
}

/** The letters of a question's options, in the order shown; empty for a free-form question. */
export function optionLetters(question: Question): readonly string[] {
  return question.options.map((_, index) => optionLetter(index));
}

export function isMultipleChoice(question: Question): boolean {
  return question.options.length > 0;
}

/**
 * A free-form answer as it is compared: lower case, punctuation, underscores and blanks trimmed
 * at both ends, runs of blanks folded to one. As `normalize_text` of the released code
 * (armenjeddi/medbridgerl, inference.py), with Unicode letters, and composed (NFC) so that two
 * spellings of the same accent are equal. Signs at the ends go too: `-3` equals `3`, `5 %` `5`.
 */
export function normalizeFreeForm(text: string): string {
  return text
    .normalize('NFC')
    .toLowerCase()
    .replace(/^[^\p{L}\p{N}]+/u, '')
    .replace(/[^\p{L}\p{N}\p{M}]+$/u, '')
    .replace(/\s+/gu, ' ');
}

/**
 * The answers that count as right, in the form in which `parseAnswer` gives them: letters, or
 * normalised texts, the reference first. Empty when no truth is marked. A pattern can take more
 * than these: whether one answer is right says `isRight`.
 */
export function rightAnswers(question: Question): readonly string[] {
  if (isMultipleChoice(question)) {
    return [...new Set(question.correctOptions)]
      .filter((index) => index in question.options)
      .sort((a, b) => a - b)
      .map(optionLetter);
  }
  const reference = normalizeFreeForm(question.referenceAnswer ?? '');
  if (reference === '') return [];
  const { grading } = question;
  const accepted = grading?.by === 'synonyms' ? grading.accepted.map(normalizeFreeForm) : [];
  return [...new Set([reference, ...accepted])].filter((answer) => answer !== '');
}

/**
 * Is an answer right, as `parseAnswer` gives it? `null` is unparsed and wrong.
 *
 * @returns `null` when no truth is marked
 * @throws SyntaxError for a pattern that is none; `validateQuestion` says so before
 */
export function isRight(answer: string | null, question: Question): boolean | null {
  const right = rightAnswers(question);
  if (right.length === 0) return null;
  if (answer === null) return false;
  if (right.includes(answer)) return true;
  const { grading } = question;
  return (
    !isMultipleChoice(question) &&
    grading?.by === 'pattern' &&
    new RegExp(grading.source, 'iu').test(answer)
  );
}

/** The text that people read for an answer: the option's text, the free-form answer. */
export function answerLabel(answer: string | null, question: Question): string {
  if (answer === null) return 'unparsed';
  if (!isMultipleChoice(question)) return answer;
  return question.options[optionLetters(question).indexOf(answer)] ?? answer;
}
