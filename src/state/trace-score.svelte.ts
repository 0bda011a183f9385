/**
 * A sample's trace, edited, and what the model answers after it: the exact distribution after the
 * original tokens and after the edited text, which is tokenized anew.
 */

import type { Sample } from '../core/types.ts';
import { asNamedError, NamedError } from '../protocol/errors.ts';
import type { ExactProgress, ExactReply, ExactRequest, ExactStatus } from '../protocol/vlm.ts';
import type { CheckpointChoice } from './checkpoint-choice.svelte.ts';
import { lengthProblem, originalTrace, traceProblem, type OriginalTrace } from './edited-trace.ts';
import { exactAccess, exactRequest, type ExactKnobs } from './exact-access.ts';
import type { ExactTurn } from './exact-turn.svelte.ts';
import type { SessionRecord } from './run-groups.ts';
import type { RunResults } from './run-results.svelte.ts';

export interface OpenTrace {
  readonly one: SessionRecord;
  readonly sample: Sample;
  readonly original: OriginalTrace;
}

export interface ScoredTrace {
  readonly text: string;
  readonly tokens: number;
  readonly knobs: ExactKnobs;
  readonly status: ExactStatus;
  readonly progress: ExactProgress;
}

export class TraceScore {
  #open = $state.raw<OpenTrace | null>(null);
  #text = $state('');
  #before = $state.raw<ScoredTrace | null>(null);
  #after = $state.raw<ScoredTrace | null>(null);
  /** The text of which the tokens were counted and found too many. */
  #tooLong = $state.raw<{ readonly text: string; readonly message: string } | null>(null);
  #error = $state.raw<NamedError | null>(null);

  /** What is wrong with the text, in a sentence; `null` for nothing. */
  readonly problem = $derived.by<string | null>(() => {
    if (this.#open === null) return null;
    const { maxNewTokens } = this.#open.one.record.sampler;
    return (
      traceProblem(this.#text, maxNewTokens) ??
      (this.#tooLong?.text === this.#text ? this.#tooLong.message : null)
    );
  });

  /** Why this trace cannot be scored at all, in a sentence; `null` when it can. */
  readonly reason = $derived.by<string | null>(() =>
    this.#open === null ? null : exactAccess(this.#open.one, this.checkpoints, true).reason,
  );

  constructor(
    private readonly results: RunResults,
    private readonly checkpoints: CheckpointChoice,
    private readonly turn: ExactTurn,
  ) {}

  /** `null` while no trace is being edited. */
  get open(): OpenTrace | null {
    return this.#open;
  }
  get text(): string {
    return this.#text;
  }
  get isRunning(): boolean {
    return this.turn.work === 'score';
  }
  /** Why `score` would do nothing now; `null` when it would start. */
  get refusal(): string | null {
    return this.reason ?? this.problem ?? this.turn.refusal;
  }
  /** After the original tokens and after the text that was scored last; both or none. */
  get scored(): { readonly before: ScoredTrace; readonly after: ScoredTrace } | null {
    const [before, after] = [this.#before, this.#after];
    return before && after ? { before, after } : null;
  }
  get error(): NamedError | null {
    return this.#error;
  }

  /** Begins with a sample of the shown result; one that is not there changes nothing. */
  edit(checkpointId: string, sampleIndex: number): void {
    const one = this.results.shown?.records.find(
      ({ record }) => record.answerer.checkpointId === checkpointId,
    );
    const sample = one?.record.samples.find(({ index }) => index === sampleIndex);
    if (!one || !sample) return;
    const original = originalTrace(sample);
    this.#open = { one, sample, original };
    this.#text = original.text;
    this.#before = null;
    this.#after = null;
    this.#tooLong = null;
    this.#error = null;
  }

  write(text: string): void {
    this.#text = text;
  }

  restore(): void {
    this.#text = this.#open?.original.text ?? '';
  }

  close(): void {
    this.stop();
    this.#open = null;
  }

  stop(): void {
    if (this.isRunning) this.turn.stop();
  }

  async score(knobs: ExactKnobs): Promise<void> {
    const open = this.#open;
    if (open === null || this.refusal !== null) return;
    const text = this.#text;
    const { original } = open;
    await this.turn.take('score', async (signal) => {
      this.#error = null;
      this.#after = null;
      try {
        if (this.#before?.knobs !== knobs || this.#before.status === 'stopped') {
          const reply = await this.#ask(open, knobs, original.tokenIds ?? original.text, signal);
          if (this.#open === open) this.#before = scoredTrace(original.text, knobs, reply);
        }
        if (signal.aborted) return;
        const prefix = text === original.text ? (original.tokenIds ?? text) : text;
        const reply = await this.#ask(open, knobs, prefix, signal);
        if (this.#open === open) this.#take(open, text, knobs, reply);
      } catch (thrown) {
        const error = asNamedError(thrown);
        if (error.name !== 'Cancelled' && this.#open === open) this.#error = error;
      }
    });
  }

  async #ask(
    { one }: OpenTrace,
    knobs: ExactKnobs,
    prefix: ExactRequest['prefix'],
    signal: AbortSignal,
  ): Promise<ExactReply> {
    const access = exactAccess(one, this.checkpoints, true);
    if (access.calls === null) throw new NamedError('NotLoaded', access.reason);
    return access.calls.bounds(exactRequest(one.record, access.image, knobs, prefix), {
      signal,
      onEvent: () => undefined,
    });
  }

  /** A text without room for an answer has a distribution too, but says nothing. */
  #take(open: OpenTrace, text: string, knobs: ExactKnobs, reply: ExactReply): void {
    const { maxNewTokens } = open.one.record.sampler;
    const message = lengthProblem(reply.prefixTokenIds.length, maxNewTokens);
    if (message === null) this.#after = scoredTrace(text, knobs, reply);
    else this.#tooLong = { text, message };
  }
}

function scoredTrace(text: string, knobs: ExactKnobs, reply: ExactReply): ScoredTrace {
  const { status, prefixTokenIds } = reply;
  return { text, tokens: prefixTokenIds.length, knobs, status, progress: reply };
}
