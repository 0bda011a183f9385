/** Totals of a sample, `null` where a server did not state what they are made of. */

import type { Sample } from './types.ts';

/** Generated tokens. Words of a text are no tokens: they are not counted. */
export function tokenCount({ tokenTexts, served }: Sample): number | null {
  return served === undefined || served.missing.tokens === null
    ? tokenTexts.length
    : served.tokenCount;
}

/** ln P of the whole sample under the policy as sampled, nats. */
export const totalLogProb = ({ logProbs }: Sample): number | null => sumOf(logProbs);

/** ln P of the whole sample under the raw model at T = 1, nats. */
export const totalModelLogProb = ({ modelLogProbs }: Sample): number | null => sumOf(modelLogProbs);

function sumOf(values: readonly number[] | null): number | null {
  return values === null ? null : values.reduce((sum, value) => sum + value, 0);
}

/** A text in words, each with the blanks before it; joined they give the text. */
export const wordsOf = (text: string): readonly string[] => text.match(/\s*\S+|\s+$/gu) ?? [];
