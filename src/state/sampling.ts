/**
 * The samples of one checkpoint, drawn into a record that grows on the page: anew, or on from a whole
 * record with a smaller K. When it is stopped, what was finished is kept.
 */

import type { Answerer } from '../core/types.ts';
import type { AnswerEvent, AnswerReply, AnswerRequest } from '../protocol/vlm.ts';
import type { CheckpointSlot } from './checkpoint-choice.svelte.ts';
import { isSameAnswerer } from './continuation.ts';
import { LiveRecord, raisedRecord, startRecord, type RunItem } from '../evaluation/live-record.ts';
import type { SampledRecord } from './null-run.ts';
import type { SessionRecord } from './run-groups.ts';
import type { NewRecord, RunResults } from './run-results.svelte.ts';

export interface SamplingJob {
  readonly item: RunItem;
  readonly slot: CheckpointSlot;
  readonly answerer: Answerer;
  /** That of `earlier` where there is one. */
  readonly runId: string;
  /** The record whose place it takes; its samples are kept when the same weights gave them. */
  readonly earlier: SessionRecord | null;
}

export interface SamplingPorts {
  readonly results: RunResults;
  readonly requestFrame: (callback: () => void) => void;
  /** The time as ISO 8601. */
  readonly now: () => string;
}

/** @throws NamedError when the checkpoint fails; the record then has what was finished before */
export async function drawSamples(
  job: SamplingJob,
  { results, requestFrame, now }: SamplingPorts,
  signal: AbortSignal,
): Promise<SampledRecord> {
  const { item, slot, answerer, runId, earlier } = job;
  const before = earlier && isSameAnswerer(earlier.record.answerer, answerer) ? earlier : null;
  const live = new LiveRecord(
    before ? raisedRecord(before.record, item.sampler) : startRecord(item, answerer, runId),
  );
  const createdAt = before?.createdAt ?? now();
  const startedAt = performance.now();
  const stateOf = (reply: AnswerReply | null): NewRecord => ({
    record: live.snapshot(reply?.elapsedMs ?? performance.now() - startedAt),
    image: item.image,
    origin: 'live',
    createdAt,
    isWhole: reply?.completed ?? false,
  });
  const start = stateOf(null);
  const replace = earlier ? results.growOn(earlier, start) : results.grow(start);
  const painter = new FramePainter(requestFrame, () => {
    replace(stateOf(null));
  });
  try {
    const reply = await slot.backend.answer(requestOf(live, item), {
      signal,
      onEvent: (event) => {
        if (take(live, event)) painter.paintSoon();
      },
    });
    painter.end();
    const state = stateOf(reply);
    replace(state);
    return { slot, state, replace, earlierNulls: before?.record.nulls ?? null };
  } catch (thrown) {
    painter.paintNow();
    painter.end();
    throw thrown;
  }
}

/** The greedy answer is drawn once: one that goes on has it. */
function requestOf({ base }: LiveRecord, { image, sampler }: RunItem): AnswerRequest {
  const { runId, itemId, promptText, question, answerDistributions, samples, greedy } = base;
  return {
    image,
    promptText,
    itemId,
    sampler,
    greedy: greedy === null,
    firstIndex: samples.length,
    keepAs: runId,
    ...(answerDistributions && {
      answerDistributions: { question, branchFloor: answerDistributions.branchFloor },
    }),
  };
}

/** `false` when the event changes nothing in the record. */
function take(live: LiveRecord, event: AnswerEvent): boolean {
  if (event.type === 'step') return false;
  if (event.type === 'greedy') live.addGreedy(event.sample);
  else if (event.type === 'traces') live.addTraces(event.traces, event.missing ?? null);
  else live.addSamples(event.samples);
  return true;
}

/** At most one picture a frame, and none after the end. */
class FramePainter {
  private isPending = false;
  private isOver = false;

  constructor(
    private readonly requestFrame: (callback: () => void) => void,
    readonly paintNow: () => void,
  ) {}

  paintSoon(): void {
    if (this.isPending) return;
    this.isPending = true;
    this.requestFrame(() => {
      this.isPending = false;
      if (!this.isOver) this.paintNow();
    });
  }

  end(): void {
    this.isOver = true;
  }
}
