/** The shape of chat completions, whole and in events, as far as they are read here. */

import * as v from 'valibot';

const TopToken = v.object({
  token: v.string(),
  logprob: v.number(),
  bytes: v.nullish(v.array(v.number())),
});

const TokenEntry = v.object({ ...TopToken.entries, top_logprobs: v.nullish(v.array(TopToken)) });

const LogProbs = v.nullish(v.object({ content: v.nullish(v.array(TokenEntry)) }));

const Text = v.object({
  content: v.nullish(v.string()),
  /** Where the server takes the reasoning out of the text; two names are in use. */
  reasoning_content: v.nullish(v.string()),
  reasoning: v.nullish(v.string()),
});

const ofChoice = {
  index: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  finish_reason: v.nullish(v.string()),
  /** What ended the answer: vLLM's and SGLang's word for it; the stop string, or a token's id. */
  stop_reason: v.nullish(v.union([v.string(), v.number()])),
  matched_stop: v.nullish(v.union([v.string(), v.number()])),
  logprobs: LogProbs,
  token_ids: v.nullish(v.array(v.number())),
};

const ofReply = {
  id: v.nullish(v.string()),
  system_fingerprint: v.nullish(v.string()),
  usage: v.nullish(
    v.object({ prompt_tokens: v.nullish(v.number()), completion_tokens: v.nullish(v.number()) }),
  ),
};

export const replySchema = v.object({
  ...ofReply,
  choices: v.array(v.object({ ...ofChoice, message: Text })),
});

export const eventSchema = v.object({
  ...ofReply,
  /** Some servers send an error in the middle of a stream. */
  error: v.optional(v.unknown()),
  choices: v.optional(v.array(v.object({ ...ofChoice, delta: v.optional(Text, {}) })), []),
});

export const modelsSchema = v.object({
  data: v.array(
    v.object({
      id: v.string(),
      owned_by: v.nullish(v.string()),
      /** vLLM's word for the folder or repository behind the name. */
      root: v.nullish(v.string()),
    }),
  ),
});

export type ReplyBody = v.InferOutput<typeof replySchema>;
export type EventBody = v.InferOutput<typeof eventSchema>;
export type TokenBody = v.InferOutput<typeof TokenEntry>;
export type ModelBody = v.InferOutput<typeof modelsSchema>['data'][number];
