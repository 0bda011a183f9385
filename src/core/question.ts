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
 * one normalised text. Empty when no truth is marked.
 */
export function rightAnswers(question: Question): readonly string[] {
  if (isMultipleChoice(question)) {
    return [...new Set(question.correctOptions)]
      .filter((index) => index in question.options)
      .sort((a, b) => a - b)
      .map(optionLetter);
  }
  const reference = normalizeFreeForm(question.referenceAnswer ?? '');
  return reference === '' ? [] : [reference];
}

/** The text that people read for an answer: the option's text, the free-form answer. */
export function answerLabel(answer: string | null, question: Question): string {
  if (answer === null) return 'unparsed';
  if (!isMultipleChoice(question)) return answer;
  return question.options[optionLetters(question).indexOf(answer)] ?? answer;
}
