/** The small requests that find out what a server does, and what their answers tell. Text only, no network. */

import type { RgbImage, SamplerSettings } from '../../core/types.ts';
import type { Capability, LogProbKind } from '../../protocol/server.ts';
import type { TokenBody } from './chat-schema.ts';

/** Room for words that a second draw is not likely to repeat. */
export const PROBE_SAMPLER: SamplerSettings = {
  k: 1,
  temperature: 0,
  topK: 0,
  topP: 1,
  minP: 0,
  maxNewTokens: 16,
  seed: 0,
};

/** The hottest that OpenAI's own words allow. */
export const HOT = 2;
export const HOT_SAMPLER: SamplerSettings = { ...PROBE_SAMPLER, temperature: HOT };

export const PROBE_TEXT =
  'Do not describe the picture. Write six random words and three random numbers instead.';

const SIDE = 56;

/** No patient's: a ramp of greys. */
export const PROBE_IMAGE: RgbImage = {
  width: SIDE,
  height: SIDE,
  data: Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, at) => Math.floor(at / 3) % 256),
};

export const yes = (reason: string): Capability => ({ has: 'yes', reason });
export const no = (reason: string): Capability => ({ has: 'no', reason });
export const unknown = (reason: string): Capability => ({ has: 'unknown', reason });

export const NOT_ASKED = unknown('It was not asked yet.');

/** What a probe brought: a text, or the server's reason to refuse it (`''` where it said none). */
export type Probed =
  | { readonly text: string; readonly refusal: null }
  | { readonly text: null; readonly refusal: string };

export const refusedFor = (words: string): Capability =>
  no(words === '' ? 'The server refuses it.' : `The server refuses it: ${words}`);

/** @param first and @param again of one seed, @param other of another */
export function seedCapability(first: Probed, again: Probed, other: Probed): Capability {
  const refusal = first.refusal ?? again.refusal ?? other.refusal;
  if (refusal !== null) return refusedFor(refusal);
  const [a, b, c] = [first.text ?? '', again.text ?? '', other.text ?? ''];
  if (a === b) {
    return a === c
      ? unknown('Every seed drew the same answer to a test question.')
      : yes('One seed drew the same answer twice, and another seed another one.');
  }
  return isNearly(a, b, Math.max(shared(a, c), shared(b, c)))
    ? unknown(
        'One seed drew nearly the same answer twice: the server rounds differently each time.',
      )
    : no('One seed drew two different answers.');
}

/** A filter that leaves the most probable token only has to give the greedy answer, however hot. */
export function filterCapability(filtered: Probed, greedy: string, hot: string | null): Capability {
  if (filtered.refusal !== null) return refusedFor(filtered.refusal);
  const { text } = filtered;
  if (hot === null || hot === greedy) {
    return unknown('A hot answer without it was the greedy one too, so nothing shows.');
  }
  if (text === greedy) return yes('At its strictest it gave the greedy answer at T = 2.');
  return isNearly(text, greedy, shared(hot, greedy))
    ? unknown('At its strictest it gave nearly the greedy answer at T = 2.')
    : no('At its strictest it changed nothing at T = 2: the server takes the word and drops it.');
}

/** Two answers part late: the server rounds differently from one batch to the next. */
const isNearly = (a: string, b: string, otherwise: number): boolean =>
  shared(a, b) > Math.max(otherwise, Math.min(a.length, b.length) / 2);

function shared(a: string, b: string): number {
  let length = 0;
  while (length < Math.min(a.length, b.length) && a[length] === b[length]) length += 1;
  return length;
}

/** Differences of two log-probabilities that are taken for rounding, nats. */
const ROUNDING = 0.05;

/**
 * The first token's alternatives at T = 0 and at T = 2: those of the model are the same, those at the
 * request's temperature lie half as far apart.
 */
export function logProbKindOf(
  cold: TokenBody | undefined,
  hot: TokenBody | undefined,
): LogProbKind {
  const ofHot = new Map(hot?.top_logprobs?.map(({ token, logprob }) => [token, logprob]));
  const pairs = (cold?.top_logprobs ?? []).flatMap(({ token, logprob }) => {
    const other = ofHot.get(token);
    return other === undefined ? [] : [{ cold: logprob, hot: other }];
  });
  const [first, ...rest] = pairs;
  if (!first || rest.length === 0) return 'unknown';
  const spread = rest.some((pair) => Math.abs(pair.cold - first.cold) > 4 * ROUNDING);
  if (!spread) return 'unknown';
  if (pairs.every((pair) => Math.abs(pair.cold - pair.hot) < ROUNDING)) return 'model';
  const isHalved = rest.every(
    (pair) => Math.abs((pair.cold - first.cold) / HOT - (pair.hot - first.hot)) < ROUNDING,
  );
  return isHalved ? 'tempered' : 'unknown';
}
