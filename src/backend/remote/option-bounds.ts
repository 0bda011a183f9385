/**
 * The distribution over the options in direct mode, from what a server lists beside the tokens that it
 * draws. The answers are drawn at T = 1 without filters, where every server's log-probabilities are those
 * of the model; the bounds are those of the policy asked for.
 */

import type { AnswerBounds } from '../../core/answer-bounds.ts';
import {
  listedAnswerBounds,
  type AnswerReading,
  type ListedAnswer,
} from '../../core/listed-answers.ts';
import type { PolicySettings, Question } from '../../core/types.ts';
import type { AnswerRequest } from '../../protocol/vlm.ts';
import { chatOnce, type ChatServer } from './chat-call.ts';
import type { ChatAsk } from './chat-request.ts';
import { drawSeed } from './draw-seeds.ts';
import { listedAnswer } from './drawn-tokens.ts';
import type { FoundCapabilities } from './found-capabilities.ts';
import { imageUrl } from './image-url.ts';
import { withRetries } from './retries.ts';

export interface OptionRequest extends Pick<
  AnswerRequest,
  'image' | 'promptText' | 'itemId' | 'sampler'
> {
  readonly question: Question;
  readonly reading: AnswerReading;
}

export interface OptionBounds {
  readonly bounds: AnswerBounds;
  /** The answers that were read: those that ended, of `sampler.k` at the most. */
  readonly answers: number;
}

const PLAIN: PolicySettings = { temperature: 1, topK: 0, topP: 1, minP: 0 };

export async function optionBounds(
  server: ChatServer,
  model: string,
  found: FoundCapabilities,
  { image, promptText, itemId, sampler, question, reading }: OptionRequest,
  { signal, answersAtOnce }: { readonly signal: AbortSignal; readonly answersAtOnce: number },
): Promise<OptionBounds> {
  const chat = {
    ...{ model, imageUrl: imageUrl(image), promptText, capabilities: found.all },
    sampler: { ...sampler, ...PLAIN },
  };
  const answers: ListedAnswer[] = [];
  const step = found.has('n') ? answersAtOnce : 1;
  for (let first = 0; first < sampler.k; first += step) {
    const ask: ChatAsk = {
      n: Math.min(step, sampler.k - first),
      seed: found.has('seed') ? drawSeed(sampler.seed, itemId, first) : null,
      streams: false,
      topLogProbs: found.all.topLogProbs,
    };
    await withRetries(
      () =>
        chatOnce(server, chat, ask, {
          signal,
          onChoice: ({ tokens, text, finishReason }) => {
            if (tokens === null || finishReason !== 'stop') return;
            const answer = listedAnswer(tokens, text);
            if (answer !== null) answers.push(answer);
          },
        }),
      signal,
      server.retries,
    );
  }
  return {
    bounds: listedAnswerBounds(answers, sampler, question, reading),
    answers: answers.length,
  };
}
