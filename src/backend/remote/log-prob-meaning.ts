/**
 * What the log-probabilities of a server say of a sample. Servers differ: vLLM gives the model's at
 * T = 1 whatever was drawn from, SGLang those at the request's temperature, before the filters.
 */

import type { PolicySettings } from '../../core/types.ts';
import type { LogProbKind } from '../../protocol/server.ts';

export interface KnownLogProbs {
  /** Under the policy as sampled, nats. */
  readonly logProbs: readonly number[] | null;
  /** Under the raw model at T = 1, nats. */
  readonly modelLogProbs: readonly number[] | null;
}

/** What is missing, and one sentence why; `null` where nothing is. */
export interface LogProbMeaning extends KnownLogProbs {
  readonly reasons: Readonly<Record<keyof KnownLogProbs, string | null>>;
}

const hasFilters = ({ topK, topP, minP }: PolicySettings): boolean =>
  topK > 0 || topP < 1 || minP > 0;

/** @param stated of the drawn tokens, as the server gave them, nats */
export function logProbMeaning(
  stated: readonly number[],
  policy: PolicySettings,
  kind: LogProbKind,
): LogProbMeaning {
  const isGreedy = policy.temperature === 0;
  const isPlain = policy.temperature === 1 && !hasFilters(policy);
  const isModel = kind === 'model' || isPlain;
  const isPolicy = isPlain || (kind === 'tempered' && !isGreedy && !hasFilters(policy));
  // The greedy answer is certain under its own policy, as the worker says it too.
  const logProbs = isGreedy ? stated.map(() => 0) : isPolicy ? stated : null;
  return {
    logProbs,
    modelLogProbs: isModel ? stated : null,
    reasons: {
      logProbs: logProbs === null ? WHY_NOT_POLICY[kind] : null,
      modelLogProbs: isModel ? null : WHY_NOT_MODEL[kind],
    },
  };
}

/** Where there is nothing to go by. */
export const noLogProbs = (reason: string): LogProbMeaning => ({
  logProbs: null,
  modelLogProbs: null,
  reasons: { logProbs: reason, modelLogProbs: reason },
});

const UNTOLD = 'It is not known what the server’s log-probabilities are of.';

const WHY_NOT_POLICY: Readonly<Record<LogProbKind, string>> = {
  model: 'The server gives log-probabilities of the model before temperature and filters.',
  tempered: 'The server gives log-probabilities before the filters.',
  unknown: UNTOLD,
};

const WHY_NOT_MODEL: Readonly<Record<LogProbKind, string>> = {
  model: '',
  tempered: 'The server gives log-probabilities at the sampler’s temperature, not at T = 1.',
  unknown: UNTOLD,
};
