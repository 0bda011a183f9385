/** What the alternatives that a server lists beside a token say of the policy that it draws from. */

import type { PolicySettings } from '../../core/types.ts';
import type { LogProbKind, ServerCapabilities, ServerKind } from '../../protocol/server.ts';

/** One alternative alone may be the drawn token, whatever is more probable. */
const LEAST_LISTED = 2;

/** Why a server's lists tell nothing, in a sentence; `null` where they do. */
export function noListsReason(
  { topLogProbs, logProbs }: ServerCapabilities,
  host: string,
): string | null {
  if (topLogProbs >= LEAST_LISTED && logProbs.has !== 'no') return null;
  const why = topLogProbs === 1 ? 'It lists one, the token that it drew.' : logProbs.reason;
  return `${host} lists no alternatives beside its tokens. ${why}`;
}

export type PolicyOfLists =
  /** To apply to a list so that it becomes the distribution that was drawn from. */
  | { readonly policy: PolicySettings; readonly reason: null }
  | { readonly policy: null; readonly reason: string };

const PLAIN: PolicySettings = { temperature: 1, topK: 0, topP: 1, minP: 0 };

const refused = (reason: string): PolicyOfLists => ({ policy: null, reason });

/** The lists of samples that were drawn under these settings. */
export function policyOfLists(
  { temperature, topK, topP, minP }: PolicySettings,
  kind: ServerKind,
  logProbKind: LogProbKind,
): PolicyOfLists {
  const settings = { temperature, topK, topP, minP };
  if (temperature === 0) return refused('At temperature 0 a trace has one answer.');
  const filters = filtersOn(settings);
  if (temperature === 1 && filters === 0) return { policy: PLAIN, reason: null };
  if (logProbKind === 'unknown') {
    return refused('It is not known what the server’s log-probabilities are of.');
  }
  const order = orderProblem(settings, kind);
  if (order !== null) return refused(order);
  if (logProbKind === 'model') return { policy: settings, reason: null };
  if (filters === 0) return { policy: PLAIN, reason: null };
  // SGLang documents its own as before the filters, vLLM its "processed" ones as after them.
  if (kind === 'sglang') return { policy: { ...settings, temperature: 1 }, reason: null };
  if (kind === 'vllm') return { policy: PLAIN, reason: null };
  return refused(
    'It is not known whether the server’s log-probabilities are those before or after the filters.',
  );
}

const filtersOn = ({ topK, topP, minP }: PolicySettings): number =>
  [topK > 0, topP < 1, minP > 0].filter(Boolean).length;

/** Why a server may draw from another distribution than the lab's under these settings; `null` for no reason. */
export function orderProblem(settings: PolicySettings, kind: ServerKind): string | null {
  const filters = filtersOn(settings);
  if (settings.temperature === 0 || filters === 0) return null;
  const differs = ORDERS[kind](settings, filters);
  return differs
    ? 'The server may apply temperature and filters in another order than here, or together.'
    : null;
}

/** Here: temperature, top-k, top-p of what that left, min-p of what that left. */
const ORDERS: Readonly<Record<ServerKind, (settings: PolicySettings, filters: number) => boolean>> =
  {
    // min-p comes first.
    vllm: ({ topP, minP }) => topP < 1 && minP > 0,
    // Top-k and top-p are taken of the same whole.
    sglang: (_, filters) => filters > 1,
    // It is told the order.
    'llama.cpp': () => false,
    transformers: () => false,
    // llama.cpp's own order has the temperature last, and others stand on it.
    other: ({ temperature }, filters) => filters > 1 || temperature !== 1,
  };
