/** What servers did not state of samples, in words. */

import type { Sample } from './types.ts';

/** Things that panels show of a sample. */
export interface Unstated {
  /** Why the tokens are not known, a sentence; `null` where they are. */
  readonly tokens: string | null;
  /** Why the log-probabilities under the policy as sampled are not known; `null` where they are. */
  readonly logProb: string | null;
}

export const unstatedOf = ({ served }: Sample): Unstated => ({
  tokens: served?.missing.tokens ?? null,
  logProb: served?.missing.logProbs ?? null,
});

/** `tokens and log p not stated by the server`; empty where both are. */
export function unstatedWords({ tokens, logProb }: Unstated): string {
  const names = [tokens === null ? '' : 'tokens', logProb === null ? '' : 'log p'];
  const missing = names.filter((name) => name !== '').join(' and ');
  return missing === '' ? '' : `${missing} not stated by the server`;
}

/** One sentence for all samples of which something is missing, with every reason once; empty for none. */
export function unstatedSentence(samples: readonly Sample[]): string {
  const all = samples.map(unstatedOf);
  const lacking = all.filter((one) => unstatedWords(one) !== '');
  const [first] = lacking;
  if (!first) return '';
  const reasons = new Set(
    lacking.flatMap(({ tokens, logProb }) => [tokens ?? [], logProb ?? []].flat()),
  );
  const whole = {
    tokens: lacking.find(({ tokens }) => tokens !== null)?.tokens ?? null,
    logProb: lacking.find(({ logProb }) => logProb !== null)?.logProb ?? null,
  };
  const words = unstatedWords(whole);
  const count =
    lacking.length === samples.length
      ? ''
      : ` for ${String(lacking.length)} of ${String(samples.length)} samples`;
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${count}. ${[...reasons].join(' ')}`;
}
