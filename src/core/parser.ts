/**
 * Reads the answer out of a model's text and says which rule found it. The order is that of the
 * released code (armenjeddi/medbridgerl, inference.py: `parse_mcq_letter`, `parse_freeform`);
 * where this parser differs, the docstring below says so.
 */
import { isMultipleChoice, normalizeFreeForm, optionLetters, isRight } from './question.ts';
import type { AnswerRule, ParsedAnswer, Question } from './types.ts';

const CLOSED_TAG = /<answer>(.*?)<\/answer>/isu;
const OPEN_TAG = /<answer>(.*)$/isu;
/** A tag that the token limit cut in two, at the end of the text. */
const CUT_CLOSING_TAG = /<\/?[a-z]*$/iu;
const THINK_OR_ANSWER_TAG = /<\/?(?:answer|think)>/giu;

/** Python's `\b([A-Z])\b`; JavaScript's `\b` takes the É of "École" for a border. */
const STANDALONE_CAPITAL = /(?<![\p{L}\p{N}\p{M}_])[A-Z](?![\p{L}\p{N}\p{M}_])/gu;

/** `Answer: B`, `**Final:** (B)`, `answer - b`; group 2 is a word behind the letter. */
const ANSWER_COLON_LETTER =
  /(?<![\p{L}\p{N}])(?:answer|final)[\s*_]*[:-][\s*_([]*([A-Z])(?![\p{L}\p{N}\p{M}])([^\S\n]+[\p{L}\p{N}])?/giu;

/** A line `Answer: …` or `Final answer: …`; a hyphen counts only between blanks ("final-stage"). */
const ANSWER_COLON_LINE =
  /^[^\p{L}\p{N}\n]*(?:the\s+)?(?:final\s+answer|answer|final)[ \t*_]*(?::|[ \t]-[ \t])\s*(\S.*)$/imu;
const ANSWER_PREFIX = /^(?:answer|final)\s*[:-]\s*/iu;

interface TagContent {
  readonly rule: AnswerRule;
  readonly content: string;
}

/** Content of the first `<answer>` tag, closed or not; an unclosed one gives its first full line. */
function findAnswerTag(text: string): TagContent | null {
  const closed = CLOSED_TAG.exec(text);
  if (closed) return { rule: 'answer-tag', content: (closed[1] ?? '').trim() };
  const open = OPEN_TAG.exec(text);
  const lines = (open?.[1] ?? '').replace(CUT_CLOSING_TAG, '').split(/\r\n|\r|\n/u);
  const content = lines.map((line) => line.trim()).find((line) => line !== '');
  return content === undefined ? null : { rule: 'unclosed-answer-tag', content };
}

/**
 * Does the text have an `<answer>` tag, whatever is in it? (The released code's `used_tag`: a
 * closed tag may be empty, an unclosed one needs a line of content.)
 */
export function hasAnswerTag(text: string): boolean {
  return findAnswerTag(text) !== null;
}

/** A small letter with words behind it is an article: "Answer: a neutrophil" is no vote for A. */
function findLetterAfterColon(text: string): string | undefined {
  for (const [, letter = '', word] of text.matchAll(ANSWER_COLON_LETTER)) {
    const upper = letter.toUpperCase();
    if (letter === upper || word === undefined) return upper;
  }
  return undefined;
}

function parseLetter(text: string, letters: readonly string[]): ParsedAnswer | null {
  const tag = findAnswerTag(text);
  const tagged = tag?.content.toUpperCase().match(STANDALONE_CAPITAL)?.[0];
  if (tag && tagged !== undefined && letters.includes(tagged)) {
    return { rule: tag.rule, answer: tagged };
  }
  const afterColon = findLetterAfterColon(text);
  if (afterColon !== undefined && letters.includes(afterColon)) {
    return { rule: 'answer-colon', answer: afterColon };
  }
  const capital = text.match(STANDALONE_CAPITAL)?.find((letter) => letters.includes(letter));
  return capital === undefined ? null : { rule: 'capital-letter', answer: capital };
}

function freeFormAnswer(raw: string): string {
  return normalizeFreeForm(raw.replace(ANSWER_PREFIX, '').replace(THINK_OR_ANSWER_TAG, ' '));
}

function parseFreeForm(text: string): ParsedAnswer | null {
  const tag = findAnswerTag(text);
  const tagged = tag && freeFormAnswer(tag.content);
  if (tag && tagged) return { rule: tag.rule, answer: tagged };
  const line = ANSWER_COLON_LINE.exec(text)?.[1] ?? '';
  const answer = freeFormAnswer(line.replace(CUT_CLOSING_TAG, ''));
  return answer === '' ? null : { rule: 'answer-colon', answer };
}

/**
 * The answer in a model's text, and the rule that found it, tried in this order:
 *
 * 1. `answer-tag`: the first `<answer>…</answer>`, any case. Multiple choice: the first
 *    standalone letter of its upper-cased content, if that letter is an option; else the rule
 *    does not fire ("<answer>a neutrophil</answer>" votes for A: the released rule).
 * 2. `unclosed-answer-tag`: no closed tag; the first non-empty line after `<answer>`, likewise.
 * 3. `answer-colon`: the first `Answer: X` or `Final: X` (free-form: the first such line).
 * 4. `capital-letter` (multiple choice only): the first standalone capital letter, anywhere in
 *    the text, that is an option. "A cell with …" votes for A: the released rule.
 *
 * Otherwise `unparsed` with `answer: null`. Multiple choice gives a letter, free-form the text
 * after `normalizeFreeForm`; an answer that is empty then is no answer.
 *
 * Where the released code does otherwise, on purpose:
 * - its rule 3 needs no `:` or `-`, so "answer a question" votes for A; ours needs one;
 * - its rule 4 gives up when the first standalone capital is no option ("I think B"); the design
 *   takes the first that is one;
 * - a free-form text without tag and without rule 3 falls back to its last line there, which
 *   makes any babble an answer; here it is unparsed;
 * - a small letter with a word behind it ("Answer: a neutrophil") is an article in rule 3;
 *   emphasis and brackets around the letter ("**Final:** (B)") are looked through;
 * - stray think and answer tags inside a free-form answer are dropped.
 */
export function parseAnswer(text: string, question: Question): ParsedAnswer {
  const parsed = isMultipleChoice(question)
    ? parseLetter(text, optionLetters(question))
    : parseFreeForm(text);
  return parsed ?? { rule: 'unparsed', answer: null };
}

/** Is the answer right? An unparsed one is not; `null` when the question has no marked truth. */
export function isCorrect(parsed: ParsedAnswer, question: Question): boolean | null {
  return isRight(parsed.answer, question);
}
