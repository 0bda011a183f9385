/** Answers that are drawn for what the server lists beside their tokens, a few requests at a time. */

import type { ListedAnswer } from '../../core/listed-answers.ts';
import type { PolicySettings, SamplerSettings } from '../../core/types.ts';
import type { ExactRequest } from '../../protocol/vlm.ts';
import { chatOnce } from './chat-call.ts';
import type { ChatAsk } from './chat-request.ts';
import { wholeText } from './chat-sample.ts';
import { drawSeed } from './draw-seeds.ts';
import { listedAnswer } from './drawn-tokens.ts';
import { imageUrl } from './image-url.ts';
import type { ListingServer } from './listed-exact.ts';
import { withRetries } from './retries.ts';
import { ServerFault } from './server-fault.ts';

const PLAIN: PolicySettings = { temperature: 1, topK: 0, topP: 1, minP: 0 };
/** Answers of one round. */
const AT_ONCE = 16;
const ONE_BY_ONE = 4;
/** Any: bounds are certain whatever is drawn, and the same question is to give the same ones. */
const SEED = 0;

export class ListedDraws {
  /** Those with a list at every token; others say nothing. */
  readonly answers: ListedAnswer[] = [];
  requests = 0;
  /** Answers asked for. */
  asked = 0;
  /** Tokens that were drawn. */
  tokens = 0;
  private readonly known = new Set<string>();
  private readonly imageUrl: string;
  private readonly sampler: SamplerSettings;

  constructor(
    private readonly to: ListingServer,
    private readonly request: ExactRequest,
    private readonly signal: AbortSignal,
  ) {
    this.imageUrl = imageUrl(request.image);
    this.sampler = { ...request.sampler, ...PLAIN, k: 1, seed: SEED };
  }

  /** Distinct texts among the answers. */
  get texts(): number {
    return this.known.size;
  }

  /** @throws NamedError what a request failed with; what came before it is kept */
  async more(): Promise<void> {
    const { found, answersAtOnce } = this.to;
    if (found.has('n')) {
      await this.ask(Math.min(AT_ONCE, answersAtOnce));
      return;
    }
    for (let one = 0; one < ONE_BY_ONE && !this.signal.aborted; one += 1) await this.ask(1);
  }

  private async ask(n: number): Promise<void> {
    const { found, server } = this.to;
    const before = found.all;
    const ask: ChatAsk = {
      n,
      seed: found.has('seed') ? drawSeed(SEED, this.request.promptText, this.asked) : null,
      streams: false,
      topLogProbs: found.all.topLogProbs,
    };
    try {
      await withRetries(() => this.send(ask), this.signal, server.retries);
      this.asked += n;
    } catch (thrown) {
      const isGivenUp =
        thrown instanceof ServerFault && found.giveUp(thrown, ask, this.sampler, before);
      if (!isGivenUp) throw thrown;
    }
  }

  private async send(ask: ChatAsk): Promise<void> {
    const { server, model, found } = this.to;
    const { imageUrl: url, sampler } = this;
    const { promptText } = this.request;
    const capabilities = found.all;
    this.requests += 1;
    const question = { model, imageUrl: url, promptText, sampler, capabilities };
    await chatOnce(server, question, ask, {
      signal: this.signal,
      onChoice: (choice) => {
        const { tokens, finishReason } = choice;
        if (tokens === null || (finishReason !== 'stop' && finishReason !== 'length')) return;
        this.tokens += tokens.length;
        const text = wholeText(choice);
        const answer = listedAnswer(tokens, text, capabilities.topLogProbs);
        if (answer === null) return;
        this.answers.push(answer);
        this.known.add(text);
      },
    });
  }
}
