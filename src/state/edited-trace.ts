/** The part of a sample that can be edited and scored, and what an edit may not be. Pure. */

import type { Sample } from '../core/types.ts';

const OPENING_TAG = '<answer>';
const CLOSING_TAG = '</answer>';
/** No tokenizer in use spends fewer tokens; a longer text is refused before it is tokenized. */
const MOST_CHARACTERS_PER_TOKEN = 16;

export interface OriginalTrace {
  /** `null` where a server did not state them. */
  readonly tokenIds: readonly number[] | null;
  readonly text: string;
  /** Whether it ends with the tag after which the answer stands; without one it is the text so far. */
  readonly hasAnswerTag: boolean;
}

/** The tokens up to and with `<answer>`; without that tag all but the one that ended the sample. */
export function originalTrace({ tokenIds, tokenTexts, finishReason }: Sample): OriginalTrace {
  let text = '';
  for (const [position, tokenText] of tokenTexts.entries()) {
    text += tokenText;
    if (text.includes(OPENING_TAG)) {
      return { tokenIds: tokenIds?.slice(0, position + 1) ?? null, text, hasAnswerTag: true };
    }
  }
  // Words that stand for tokens have no last one that only ended the text.
  const isWhole = finishReason === 'length' || tokenIds === null;
  const end = isWhole ? tokenTexts.length : tokenTexts.length - 1;
  const kept = tokenTexts.slice(0, end).join('');
  return { tokenIds: tokenIds?.slice(0, end) ?? null, text: kept, hasAnswerTag: false };
}

/** Why a text cannot be scored, in a sentence; `null` when it can. */
export function traceProblem(text: string, maxNewTokens: number): string | null {
  if (text.trim() === '') return 'The text is empty: write how the answer is taken to begin.';
  if (text.includes(CLOSING_TAG)) {
    return `The text closes the answer already: take out ${CLOSING_TAG} and what is in front of it.`;
  }
  return text.length > maxNewTokens * MOST_CHARACTERS_PER_TOKEN
    ? `The text is longer than the run's limit of ${String(maxNewTokens)} tokens.`
    : null;
}

/** As `traceProblem`, once the tokens are counted. */
export function lengthProblem(tokens: number, maxNewTokens: number): string | null {
  return tokens >= maxNewTokens
    ? `The text has ${String(tokens)} tokens; the run's limit of ${String(maxNewTokens)} leaves none for the answer.`
    : null;
}
