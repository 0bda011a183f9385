/** One answer of a reply, from a whole reply or put together from the events of a stream. */

import type { EventBody, ReplyBody, TokenBody } from './chat-schema.ts';

export interface ChatChoice {
  readonly index: number;
  readonly text: string;
  /** As the server says it: `stop`, `length`, … */
  readonly finishReason: string;
  /** The stop string that ended it; `null` where the server does not tell. */
  readonly stopText: string | null;
  /** Drawn tokens with their log-probabilities; `null` where the server gave none. */
  readonly tokens: readonly TokenBody[] | null;
  readonly tokenIds: readonly number[] | null;
  /** Whether the server had taken the reasoning out of the text. */
  readonly wasSplit: boolean;
}

type Part = Pick<
  ReplyBody['choices'][number],
  'finish_reason' | 'stop_reason' | 'matched_stop' | 'logprobs' | 'token_ids'
>;

/** An answer that grows. Once it has a finish reason, what still comes for it is left. */
export class GrowingChoice {
  private content = '';
  private reasoning = '';
  private tokens: TokenBody[] | null = null;
  private tokenIds: number[] | null = null;

  constructor(private readonly index: number) {}

  /** The answer, where this part ended it. */
  add(part: Part, text: EventBody['choices'][number]['delta']): ChatChoice | null {
    this.content += text.content ?? '';
    this.reasoning += text.reasoning_content ?? text.reasoning ?? '';
    const tokens = part.logprobs?.content;
    if (tokens) this.tokens = (this.tokens ?? []).concat(tokens);
    if (part.token_ids) this.tokenIds = (this.tokenIds ?? []).concat(part.token_ids);
    const finishReason = part.finish_reason ?? null;
    if (finishReason === null) return null;
    const stop = part.stop_reason ?? part.matched_stop;
    const wasSplit = this.reasoning !== '';
    return {
      index: this.index,
      text: wasSplit ? `<think>${this.reasoning}</think>${this.content}` : this.content,
      finishReason,
      stopText: typeof stop === 'string' ? stop : null,
      tokens: this.tokens,
      tokenIds: this.tokenIds,
      wasSplit,
    };
  }
}

/** The answers of a whole reply; of two with one index the first, and none without a finish reason. */
export function choicesOf(reply: ReplyBody): readonly ChatChoice[] {
  const known = new Map<number, ChatChoice>();
  for (const { index, message, ...part } of reply.choices) {
    const choice = new GrowingChoice(index).add(part, message);
    if (choice !== null && !known.has(index)) known.set(index, choice);
  }
  return [...known.values()];
}
