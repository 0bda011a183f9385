/** The body of a chat completion: the user turn, the image, and every knob of the sampler. */

import type { SamplerSettings } from '../../core/types.ts';
import type { ServerCapabilities } from '../../protocol/server.ts';
import { CLOSING_TAG, SERVER_WORDS } from './server-words.ts';

export interface ChatQuestion {
  readonly model: string;
  /** Data URL. */
  readonly imageUrl: string;
  /** The user turn, before the chat template, which the server has. */
  readonly promptText: string;
  /** T = 0 asks for the greedy answer. */
  readonly sampler: SamplerSettings;
  readonly capabilities: ServerCapabilities;
}

export interface ChatAsk {
  /** Answers of this request. */
  readonly n: number;
  /** `null` where the server minds none. */
  readonly seed: number | null;
  readonly streams: boolean;
  /** Alternatives to list beside each drawn token; `null` where log-probabilities are not wanted. */
  readonly topLogProbs: number | null;
}

export interface ChatBody {
  readonly body: Readonly<Record<string, unknown>>;
  /** The same without the messages, as it is kept with each sample. */
  readonly sent: string;
}

export function chatBody(question: ChatQuestion, ask: ChatAsk): ChatBody {
  const knobs = knobsOf(question, ask);
  const content = [
    { type: 'image_url', image_url: { url: question.imageUrl } },
    { type: 'text', text: question.promptText },
  ];
  return {
    body: { ...knobs, messages: [{ role: 'user', content }] },
    sent: JSON.stringify(knobs),
  };
}

function knobsOf(
  { model, sampler, capabilities }: ChatQuestion,
  { n, seed, streams, topLogProbs }: ChatAsk,
): Readonly<Record<string, unknown>> {
  const { kind, topK, minP, logProbs, tokenIds } = capabilities;
  const words = SERVER_WORDS[kind];
  const { temperature } = sampler;
  const isGreedy = temperature === 0;
  const top = sampler.topK > 0 ? sampler.topK : words.topKOff;
  const hasOwnFilters = kind === 'transformers';
  return {
    model,
    max_tokens: sampler.maxNewTokens,
    temperature,
    top_p: isGreedy ? 1 : sampler.topP,
    ...(!isGreedy && !hasOwnFilters && topK.has !== 'no' && top !== null && { top_k: top }),
    ...(!isGreedy && !hasOwnFilters && minP.has !== 'no' && minPOf(sampler.minP, kind)),
    ...words.always(sampler, isGreedy),
    ...(words.stops && { stop: [CLOSING_TAG] }),
    ...(n > 1 && { n }),
    ...(seed !== null && { seed }),
    ...(logProbs.has !== 'no' && topLogProbs !== null && listed(topLogProbs)),
    ...(tokenIds.has !== 'no' && words.tokenIds),
    ...(streams && { stream: true }),
    ...(streams && words.countsStreams && { stream_options: { include_usage: true } }),
  };
}

/** A server of no known kind is not told what it need not know. */
function minPOf(minP: number, kind: ServerCapabilities['kind']) {
  return minP === 0 && kind === 'other' ? {} : { min_p: minP };
}

/** At least one: llama.cpp gives no log-probabilities for none. */
const listed = (top: number) => ({ logprobs: true, top_logprobs: Math.max(1, top) });
