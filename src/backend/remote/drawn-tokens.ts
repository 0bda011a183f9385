/** The tokens of an answer with the text that each added. */

import type { ListedAnswer } from '../../core/listed-answers.ts';
import type { ListedToken } from '../../core/listed-policy.ts';
import type { TokenBody } from './chat-schema.ts';
import { CLOSING_TAG } from './server-words.ts';

export interface DrawnToken {
  readonly text: string;
  /** As the server gave it, nats. */
  readonly logProb: number;
}

/**
 * `null` where the tokens do not make up the text. A token that stands behind the text is one that ended
 * it, and added nothing; the one that closes the answer may bring more than the server left of it.
 */
export function drawnTokens(
  tokens: readonly TokenBody[],
  text: string,
): readonly DrawnToken[] | null {
  const decoder = new TextDecoder();
  let written = '';
  const drawn = tokens.map((token): DrawnToken => {
    const isOver = written.length >= text.length;
    const added = isOver ? '' : addedText(token, decoder);
    written += added;
    return { text: added, logProb: token.logprob };
  });
  const isWhole = written === text || (text.endsWith(CLOSING_TAG) && written.startsWith(text));
  return isWhole ? drawn : null;
}

/** Bytes, where they are stated: a token may be part of a character, which its last part then adds. */
function addedText({ token, bytes }: TokenBody, decoder: TextDecoder): string {
  return bytes ? decoder.decode(Uint8Array.from(bytes), { stream: true }) : token;
}

/**
 * As the pure bounds read it; `null` where a token has no list, or the tokens do not make up the text.
 *
 * @param alternatives that the server lists for a token
 */
export function listedAnswer(
  tokens: readonly TokenBody[],
  text: string,
  alternatives: number,
): ListedAnswer | null {
  const drawn = drawnTokens(tokens, text);
  if (drawn === null || tokens.some(({ top_logprobs }) => !top_logprobs?.length)) return null;
  const last = upToClosing(drawn).length;
  return tokens.slice(0, last).map(({ token, top_logprobs }, at) => ({
    text: token,
    added: drawn[at]?.text ?? '',
    listed: surelyMostProbable(top_logprobs ?? [], alternatives),
  }));
}

/**
 * Without the least one of a full list. vLLM puts the drawn token in that place where it is none of the
 * most probable: then more probable ones are not listed, and which are would depend on what was drawn.
 */
function surelyMostProbable(
  listed: NonNullable<TokenBody['top_logprobs']>,
  alternatives: number,
): readonly ListedToken[] {
  const sorted = listed
    .map((one) => ({ text: one.token, logProb: one.logprob }))
    .sort((a, b) => b.logProb - a.logProb);
  return sorted.length < alternatives ? sorted : sorted.slice(0, Math.max(1, alternatives - 1));
}

/** Tokens up to and with the one that closes the answer: there the worker ends a sample. */
export function upToClosing(drawn: readonly DrawnToken[]): readonly DrawnToken[] {
  let written = '';
  for (const [place, { text }] of drawn.entries()) {
    written += text;
    if (written.includes(CLOSING_TAG)) return drawn.slice(0, place + 1);
  }
  return drawn;
}
