/**
 * From an answer of a server to a sample, by the worker's rules: it ends with the token that closes
 * `</answer>`, log-probabilities are those of the drawn tokens. What the server did not state stays
 * `null` with the reason; nothing is worked out from what it might have meant.
 */

import { wordsOf } from '../../core/sample-facts.ts';
import type { PolicySettings, Sample, ServedBy } from '../../core/types.ts';
import type { LogProbKind } from '../../protocol/server.ts';
import type { ChatChoice } from './chat-choice.ts';
import { drawnTokens, upToClosing, type DrawnToken } from './drawn-tokens.ts';
import { logProbMeaning, noLogProbs } from './log-prob-meaning.ts';
import { CLOSING_TAG } from './server-words.ts';

export interface SampleFacts {
  readonly index: number;
  readonly policy: PolicySettings;
  readonly logProbKind: LogProbKind;
  readonly served: Omit<ServedBy, 'missing' | 'choice'>;
}

/** `null` for an answer that ended in a way that makes it none: filtered, a tool call. */
export function sampleOfChoice(choice: ChatChoice, facts: SampleFacts): Sample | null {
  const { finishReason } = choice;
  if (finishReason !== 'stop' && finishReason !== 'length') return null;
  const whole = wholeText(choice);
  const drawn = choice.tokens === null ? null : drawnTokens(choice.tokens, whole);
  const { index } = facts;
  const known = drawn === null ? fromText(choice, whole, facts) : fromTokens(choice, drawn, facts);
  const isClosed = known.text.includes(CLOSING_TAG);
  const ended = finishReason === 'length' ? 'length' : 'end-of-sequence';
  return { index, ...known, finishReason: isClosed ? 'answer-closed' : ended };
}

type Known = Omit<Sample, 'index' | 'finishReason'>;

const NO_IDS = 'The server states no token ids.';

function fromTokens(choice: ChatChoice, drawn: readonly DrawnToken[], facts: SampleFacts): Known {
  const tokens = upToClosing(drawn);
  const ids = choice.tokenIds?.length === drawn.length ? choice.tokenIds : null;
  const stated = tokens.map(({ logProb }) => logProb);
  const { reasons, ...logProbs } = logProbMeaning(stated, facts.policy, facts.logProbKind);
  const tokenTexts = tokens.map(({ text }) => text);
  return {
    tokenIds: ids?.slice(0, tokens.length) ?? null,
    tokenTexts,
    ...logProbs,
    text: tokenTexts.join(''),
    served: {
      ...facts.served,
      choice: choice.index,
      tokenCount: tokens.length,
      missing: { tokens: null, tokenIds: ids === null ? NO_IDS : null, ...reasons },
    },
  };
}

function fromText(choice: ChatChoice, whole: string, facts: SampleFacts): Known {
  const at = whole.indexOf(CLOSING_TAG);
  const text = at < 0 ? whole : whole.slice(0, at + CLOSING_TAG.length);
  const reason = tokensReason(choice);
  const { reasons, ...logProbs } = noLogProbs(reason);
  return {
    tokenIds: null,
    tokenTexts: wordsOf(text),
    ...logProbs,
    text,
    served: {
      ...facts.served,
      choice: choice.index,
      // What was cut off is in the server's count.
      tokenCount: text === whole ? facts.served.tokenCount : null,
      missing: { tokens: reason, tokenIds: reason, ...reasons },
    },
  };
}

/** Some servers take the stop string out of the text and say that it was there. */
export const wholeText = ({ text, stopText }: ChatChoice): string =>
  stopText === CLOSING_TAG && !text.includes(CLOSING_TAG) ? text + CLOSING_TAG : text;

function tokensReason({ tokens, wasSplit }: ChatChoice): string {
  if (tokens === null) return 'The server states no tokens and no log-probabilities.';
  return wasSplit
    ? 'The server takes the reasoning out of the text, and its tokens do not make up the rest.'
    : 'The tokens that the server states do not make up its text.';
}
