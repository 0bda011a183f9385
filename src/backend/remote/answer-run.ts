/**
 * The answers to one question from a server: as many at a time as have their turn, each index once. What a reply brought is
 * kept whatever became of the rest of it; the rest is asked for again.
 */

import type { Sample, ServedBy } from '../../core/types.ts';
import type { AnswerRequest } from '../../protocol/vlm.ts';
import { chatOnce, type ChatCalls, type ChatServer } from './chat-call.ts';
import type { ChatChoice } from './chat-choice.ts';
import type { ChatAsk } from './chat-request.ts';
import { sampleOfChoice } from './chat-sample.ts';
import { drawSeed } from './draw-seeds.ts';
import { imageUrl } from './image-url.ts';
import { withRetries } from './retries.ts';
import { invalidReply, ServerFault } from './server-fault.ts';
import { ServedTraces } from './served-traces.ts';
import type { FoundCapabilities } from './found-capabilities.ts';

export interface RunCalls {
  readonly signal: AbortSignal;
  readonly onSample: (sample: Sample) => void;
  readonly onGreedy: (sample: Sample) => void;
  /** Once, at the end, where the request wants the answers behind the traces. */
  readonly onTraces: (event: ReturnType<ServedTraces['event']>) => void;
}

export interface RunLimits {
  /** Answers that one request may ask for. */
  readonly answersAtOnce: number;
}

export interface RunCounts {
  promptTokens: number;
  requests: number;
  answers: number;
}

/** Draws whose indexes follow each other; the greedy answer is one with no draws. */
interface Job {
  readonly isGreedy: boolean;
  readonly indexes: readonly number[];
}

export class AnswerRun {
  /** Requests that it takes when nothing fails, the greedy answer apart. */
  readonly jobs: number;
  readonly counts: RunCounts = { promptTokens: 0, requests: 0, answers: 0 };
  private readonly known = new Set<number>();
  private hasGreedy = false;
  private readonly imageUrl: string;
  private readonly traces: ServedTraces | null;

  constructor(
    private readonly server: ChatServer,
    private readonly model: string,
    private readonly found: FoundCapabilities,
    private readonly request: AnswerRequest,
    private readonly limits: RunLimits,
    private readonly calls: RunCalls,
  ) {
    this.imageUrl = imageUrl(request.image);
    const { answerDistributions: wanted, sampler } = request;
    this.traces = wanted ? new ServedTraces(wanted, sampler, found, server.address.host) : null;
    this.jobs = Math.ceil((request.sampler.k - request.firstIndex) / this.answersAtOnce);
  }

  /** @throws NamedError the first that ended it; the other requests end with it */
  async all(): Promise<void> {
    const { firstIndex, sampler, greedy } = this.request;
    const draws = Array.from({ length: sampler.k - firstIndex }, (_, at) => firstIndex + at);
    const size = this.answersAtOnce;
    const jobs: Job[] = greedy ? [{ isGreedy: true, indexes: [] }] : [];
    for (let at = 0; at < draws.length; at += size) {
      jobs.push({ isGreedy: false, indexes: draws.slice(at, at + size) });
    }
    const stop = new AbortController();
    const signal = AbortSignal.any([this.calls.signal, stop.signal]);
    let first: { readonly thrown: unknown } | null = null;
    const works = jobs.map((job) =>
      this.finish(job, signal).catch((thrown: unknown) => {
        first ??= { thrown };
        stop.abort();
      }),
    );
    await Promise.all(works);
    if (this.traces) this.calls.onTraces(this.traces.event());
    const failure = first as { readonly thrown: unknown } | null;
    if (failure) throw failure.thrown;
  }

  private async finish(job: Job, signal: AbortSignal): Promise<void> {
    for (let left = this.leftOf(job); left !== null; left = this.leftOf(job)) {
      const asked = left;
      await withRetries(() => this.progress(asked, signal), signal, this.server.retries);
    }
  }

  /** The next request for a job: its first missing draws that follow each other; `null` when it is done. */
  private leftOf(job: Job): Job | null {
    if (job.isGreedy) return this.hasGreedy ? null : job;
    const [first, ...more] = job.indexes.filter((index) => !this.known.has(index));
    if (first === undefined) return null;
    const indexes = [first];
    const most = this.answersAtOnce;
    for (const index of more) {
      if (indexes.length >= most || index !== first + indexes.length) break;
      indexes.push(index);
    }
    return { isGreedy: false, indexes };
  }

  /** One request. Resolves when it brought something new. @throws NamedError when it did not */
  private async progress(job: Job, signal: AbortSignal): Promise<void> {
    const before = this.broughtOf(job);
    const ask = this.askOf(job);
    const asked = this.found.all;
    let failure: unknown = null;
    try {
      await this.send(job, ask, signal);
    } catch (thrown) {
      failure = thrown;
    }
    const brought = this.broughtOf(job) - before;
    if (failure !== null) {
      const isPassing = failure instanceof ServerFault && failure.facts.isPassing;
      if (isPassing && brought > 0 && !signal.aborted) return;
      if (
        failure instanceof ServerFault &&
        this.found.giveUp(failure, ask, this.request.sampler, asked)
      )
        return;
      throw failure;
    }
    // A whole reply with too few answers in it: the server does not do several, whatever it did once.
    if (brought < ask.n && ask.n > 1 && !ask.streams) this.found.giveUpSeveral(brought, ask.n);
    if (brought === 0) throw invalidReply(this.server.address.host, 'no answer');
  }

  private get answersAtOnce(): number {
    return this.found.has('n') ? this.limits.answersAtOnce : 1;
  }

  /** Answers of the job that are there; others of the item come in meanwhile. */
  private broughtOf({ isGreedy, indexes }: Job): number {
    if (isGreedy) return this.hasGreedy ? 1 : 0;
    return indexes.filter((index) => this.known.has(index)).length;
  }

  private askOf({ isGreedy, indexes }: Job): ChatAsk {
    const { itemId, sampler } = this.request;
    const [first = 0] = indexes;
    return {
      n: isGreedy ? 1 : indexes.length,
      seed: isGreedy || !this.found.has('seed') ? null : drawSeed(sampler.seed, itemId, first),
      streams: this.found.has('streaming'),
      topLogProbs: this.found.has('logProbs') ? this.alternatives(isGreedy) : null,
    };
  }

  private alternatives(isGreedy: boolean): number {
    return isGreedy ? 0 : (this.traces?.alternatives ?? 0);
  }

  private async send(job: Job, ask: ChatAsk, signal: AbortSignal): Promise<void> {
    const { promptText, sampler } = this.request;
    const policy = job.isGreedy
      ? { ...sampler, temperature: 0, topK: 0, topP: 1, minP: 0 }
      : sampler;
    const capabilities = this.found.all;
    const { model, imageUrl: url } = this;
    const question = { model, imageUrl: url, promptText, sampler: policy, capabilities };
    const path = pathOf(job, ask);
    this.counts.requests += 1;
    // The server's count of tokens comes behind a stream's only answer.
    let only: Parameters<ChatCalls['onChoice']> | null = null;
    const take: ChatCalls['onChoice'] = (choice, { id, completionTokens }, sent) => {
      const tokenCount = ask.n === 1 ? completionTokens : null;
      const sample = this.take(job, choice, { path, sent, replyId: id, tokenCount }, policy);
      if (sample && !job.isGreedy) this.traces?.add(sample, choice, ask.topLogProbs ?? 0);
    };
    try {
      const facts = await chatOnce(this.server, question, ask, {
        signal,
        onChoice: (choice, facts, sent) => {
          if (ask.n > 1) take(choice, facts, sent);
          else only ??= [choice, facts, sent];
        },
      });
      this.counts.promptTokens = facts.promptTokens ?? this.counts.promptTokens;
      if (only !== null) only = [only[0], facts, only[2]];
    } finally {
      if (only !== null) take(...(only as Parameters<ChatCalls['onChoice']>));
    }
  }

  /** `null` for one that is known already. */
  private take(
    job: Job,
    choice: ChatChoice,
    served: Omit<ServedBy, 'missing' | 'choice'>,
    policy: AnswerRequest['sampler'],
  ): Sample | null {
    const index = job.isGreedy ? 0 : job.indexes[choice.index];
    if (
      index === undefined ||
      (job.isGreedy ? choice.index > 0 || this.hasGreedy : this.known.has(index))
    )
      return null;
    const { logProbKind } = this.found.all;
    const sample = sampleOfChoice(choice, { index, policy, logProbKind, served });
    if (sample === null) throw this.noAnswer(choice);
    this.counts.answers += 1;
    if (job.isGreedy) {
      this.hasGreedy = true;
      this.calls.onGreedy(sample);
      return sample;
    }
    this.known.add(index);
    this.calls.onSample(sample);
    return sample;
  }

  private noAnswer({ finishReason }: ChatChoice): ServerFault {
    return new ServerFault(
      'ReplyInvalid',
      `${this.server.address.host} ended an answer with “${finishReason}”: it was held back or changed, and counting without it would mislead.`,
    );
  }
}

function pathOf({ isGreedy }: Job, { n, seed }: ChatAsk): ServedBy['path'] {
  if (isGreedy) return 'greedy';
  if (n > 1) return 'several';
  return seed === null ? 'unseeded' : 'seeded';
}
