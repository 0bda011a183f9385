/**
 * What servers take beyond OpenAI's words, one row per program. Nothing may be left to a server's
 * defaults: vLLM and transformers take them from the checkpoint's generation config (Qwen's has a
 * repetition penalty), llama.cpp has its own (top-k 40, min-p 0.05).
 */

import type { SamplerSettings } from '../../core/types.ts';
import type { ServerKind } from '../../protocol/server.ts';

export const CLOSING_TAG = '</answer>';

export interface ServerWords {
  /** `owned_by` of its models; `null` where that tells nothing. */
  readonly owner: string | null;
  /** Whether an answer may be ended at its closing tag: only where the tag then stays in the text. */
  readonly stops: boolean;
  /** Value of `top_k` that switches it off; `null` where it is not said at all when off. */
  readonly topKOff: number | null;
  /** Whether a stream's last event can be asked to count the tokens. */
  readonly countsStreams: boolean;
  /** Requests that it can answer at a time and keep their seeds apart; `null` where that has no bound. */
  readonly mostAtOnce: number | null;
  /** Fields of every request. */
  readonly always: (
    sampler: SamplerSettings,
    isGreedy: boolean,
  ) => Readonly<Record<string, unknown>>;
  /** Fields that ask for the ids of the drawn tokens. */
  readonly tokenIds: Readonly<Record<string, unknown>>;
}

export const SERVER_WORDS: Readonly<Record<ServerKind, ServerWords>> = {
  vllm: {
    owner: 'vllm',
    stops: true,
    topKOff: -1,
    countsStreams: true,
    mostAtOnce: null,
    always: () => ({ repetition_penalty: 1, include_stop_str_in_output: true }),
    tokenIds: { return_token_ids: true },
  },
  sglang: {
    owner: 'sglang',
    stops: true,
    topKOff: -1,
    countsStreams: true,
    mostAtOnce: null,
    always: () => ({ repetition_penalty: 1, no_stop_trim: true }),
    tokenIds: {},
  },
  'llama.cpp': {
    owner: 'llamacpp',
    stops: false,
    topKOff: 0,
    countsStreams: true,
    mostAtOnce: null,
    always: () => ({
      ...{ repeat_penalty: 1, typical_p: 1, cache_prompt: true },
      // Its own order has the temperature behind the filters: another distribution.
      samplers: ['temperature', 'top_k', 'top_p', 'min_p'],
    }),
    tokenIds: {},
  },
  transformers: {
    owner: null,
    // 5.18 fails at a stop string for every model with a processor, which those that see have.
    stops: false,
    topKOff: null,
    countsStreams: false,
    // It answers one at a time, and a request's seed is the whole process's when the request comes.
    mostAtOnce: 1,
    always: generationConfig,
    tokenIds: {},
  },
  other: {
    owner: null,
    stops: false,
    topKOff: null,
    countsStreams: false,
    mostAtOnce: null,
    always: () => ({}),
    tokenIds: {},
  },
};

/** `transformers serve` takes its other knobs as the JSON of a generation config, without which it is greedy. */
function generationConfig(sampler: SamplerSettings, isGreedy: boolean) {
  const { temperature, topK, topP, minP, maxNewTokens } = sampler;
  const knobs = isGreedy
    ? { do_sample: false }
    : {
        ...{ do_sample: true, temperature, top_k: topK, top_p: topP },
        ...(minP > 0 && { min_p: minP }),
      };
  return {
    generation_config: JSON.stringify({
      ...knobs,
      max_new_tokens: maxNewTokens,
      repetition_penalty: 1,
    }),
  };
}

/** The program behind a model's owner; `other` where that is nobody known. */
export function kindOfOwner(owner: string): ServerKind {
  const kinds = Object.keys(SERVER_WORDS) as ServerKind[];
  return kinds.find((kind) => SERVER_WORDS[kind].owner === owner) ?? 'other';
}

/** `transformers serve` names itself nowhere, but refuses words beyond OpenAI's in its own way. */
export const saysTransformers = (words: string): boolean =>
  /(?:Unexpected (?:keys|fields)|Unsupported fields) in the request/.test(words);
