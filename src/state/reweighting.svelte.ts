/**
 * What the shown run's samples say of another temperature or top-p, and what its exact tree says where
 * one was computed: the sliders' values and the last answer. The sampled result itself stays as it is.
 *
 * One request at a time, at most one a frame: while one is under way the sliders only move the values,
 * and what they have come to is asked next.
 */

import type { ItemRecord, PolicySettings } from '../core/types.ts';
import { asNamedError } from '../protocol/errors.ts';
import type { ExactReweightReply, ReweightReply } from '../protocol/vlm.ts';
import { isBounded, type ExactBounds } from './exact-bounds.svelte.ts';
import { samplesKeyOf, type RunGroup } from './run-groups.ts';
import type { RunSession } from './run-session.svelte.ts';

/** What the sliders move; the other filters stay those of the run. */
export type ReweightTarget = Pick<PolicySettings, 'temperature' | 'topP'>;

export type ReweightAnswer = ReweightReply | { readonly type: 'failed'; readonly message: string };

export type ExactReweightAnswer =
  | ExactReweightReply
  | { readonly bounds: null; readonly reason: 'failed'; readonly message: string };

/** The answers of all checkpoints of a run to one target. */
export interface Reweighted {
  readonly target: ReweightTarget;
  /** By checkpoint id. */
  readonly answers: Readonly<Record<string, ReweightAnswer>>;
  /** By checkpoint id; only of those whose exact bounds were computed for the run. */
  readonly exact: Readonly<Record<string, ExactReweightAnswer>>;
}

interface OfSamples<Value> {
  /** `samplesKeyOf` the result. */
  readonly key: string;
  readonly value: Value;
}

const NOT_HERE = {
  recorded:
    'Not for a recorded run: its file has the samples, but not the logits that they were drawn from.',
  imported:
    'Not for an imported run: its file has the samples, but not the logits that they were drawn from.',
  stored:
    'Not for a stored run: its samples are kept, but not the logits that they were drawn from.',
} as const;

const NEEDS_RUN = 'The sliders need a run of your own: press Run.';
const RUN_AGAIN = 'To see other settings, run again with them.';
const BOUND_FIRST =
  'Bound the probabilities above: what is bounded can be worked out for other settings.';
const SERVED = `Not for a server’s run: a server does not keep the logits that its samples were drawn from. ${RUN_AGAIN}`;

const isServed = ({ samples }: ItemRecord): boolean =>
  samples.length > 0 && samples.every(({ served }) => served !== undefined);

export class Reweighting {
  #chosen = $state.raw<OfSamples<ReweightTarget> | null>(null);
  #result = $state.raw<OfSamples<Reweighted> | null>(null);
  #isAsking = false;
  #isFramePending = false;

  /** Why the samples of none of the checkpoints can be weighted, in a sentence; `null` where some can. */
  readonly unweighted = $derived.by<string | null>(() => {
    const reasons = (this.session.results.shown?.records ?? []).map(
      ({ record }) =>
        this.session.checkpoints.find(record.answerer.checkpointId)?.backend.reweight.reason ??
        null,
    );
    return reasons.every((reason) => reason !== null) ? (reasons[0] ?? null) : null;
  });

  /** Why the shown result cannot be re-weighted, in a sentence; `null` when it can. */
  readonly unavailable = $derived.by<string | null>(() => {
    const { shown } = this.session.results;
    if (!shown) return 'There is no run yet.';
    if (shown.first.origin !== 'live') {
      const areServed = shown.records.every(({ record }) => isServed(record));
      return areServed ? SERVED : NOT_HERE[shown.first.origin];
    }
    if (this.session.isBusy) return 'As soon as the run has ended.';
    const { unweighted } = this;
    if (unweighted === null || this.exact.shown.some(isBounded)) return null;
    return `${unweighted} ${this.exact.from === null ? RUN_AGAIN : BOUND_FIRST}`;
  });

  /** The same under the bars, where it is read first: what to do, without the reason. */
  readonly advice = $derived.by<string | null>(() => {
    const { shown } = this.session.results;
    const isFromFile = shown !== null && shown.first.origin !== 'live';
    const areServed = shown?.records.every(({ record }) => isServed(record)) ?? false;
    return isFromFile && !areServed ? NEEDS_RUN : this.unavailable;
  });

  /** Where the sliders stand: at the run's own values until they are moved. */
  readonly target = $derived.by<ReweightTarget | null>(() => {
    const { shown } = this.session.results;
    if (!shown) return null;
    if (this.#chosen?.key === samplesKeyOf(shown)) return this.#chosen.value;
    const { temperature, topP } = shown.first.record.sampler;
    return { temperature, topP };
  });

  /** The last answer for the shown result; `null` before the sliders are moved and after a reset. */
  readonly result = $derived.by<Reweighted | null>(() => {
    const { shown } = this.session.results;
    const key = shown && samplesKeyOf(shown);
    return key !== null && this.#chosen?.key === key && this.#result?.key === key
      ? this.#result.value
      : null;
  });

  constructor(
    private readonly session: RunSession,
    private readonly exact: Pick<ExactBounds, 'shown' | 'from'>,
    private readonly requestFrame: (callback: () => void) => void,
  ) {}

  change(change: Partial<ReweightTarget>): void {
    const { shown } = this.session.results;
    const { target } = this;
    if (!shown || target === null || this.unavailable !== null) return;
    this.#chosen = { key: samplesKeyOf(shown), value: { ...target, ...change } };
    this.#askSoon();
  }

  /** The same target again: there is more to be said of it than there was. */
  askAgain(): void {
    const chosen = this.#chosen;
    const { shown } = this.session.results;
    if (!shown || chosen?.key !== samplesKeyOf(shown)) return;
    this.#chosen = { ...chosen };
    this.#askSoon();
  }

  /** Back to what was sampled. */
  reset(): void {
    this.#chosen = null;
    this.#result = null;
  }

  #askSoon(): void {
    if (this.#isFramePending || this.#isAsking) return;
    this.#isFramePending = true;
    this.requestFrame(() => {
      this.#isFramePending = false;
      void this.#askUntilSettled();
    });
  }

  /** Asks again while the sliders have moved on since the question. */
  async #askUntilSettled(): Promise<void> {
    const { shown } = this.session.results;
    const asked = this.#chosen;
    if (!shown || asked?.key !== samplesKeyOf(shown)) return;
    this.#isAsking = true;
    const [answers, exact] = await Promise.all([
      this.#ask(shown, asked.value),
      this.#askExact(shown, asked.value),
    ]);
    this.#isAsking = false;
    // A reset in the meantime has the last word.
    if (this.#chosen?.key === asked.key) {
      this.#result = { key: asked.key, value: { target: asked.value, answers, exact } };
    }
    if (this.#chosen !== asked) this.#askSoon();
  }

  async #ask({ records }: RunGroup, target: ReweightTarget): Promise<Reweighted['answers']> {
    const answers = records.map(async ({ record }): Promise<[string, ReweightAnswer]> => {
      const { checkpointId } = record.answerer;
      const { topK, minP } = record.sampler;
      const reweight = this.session.checkpoints.find(checkpointId)?.backend.reweight;
      if (!reweight?.calls) {
        const message = reweight?.reason ?? 'The checkpoint is not in the table any more.';
        return [checkpointId, { type: 'failed', message }];
      }
      try {
        return [
          checkpointId,
          await reweight.calls.weights(record.runId, { topK, minP, ...target }),
        ];
      } catch (thrown) {
        return [checkpointId, { type: 'failed', message: asNamedError(thrown).message }];
      }
    });
    return Object.fromEntries(await Promise.all(answers));
  }

  async #askExact({ records }: RunGroup, target: ReweightTarget): Promise<Reweighted['exact']> {
    const bounded = this.exact.shown.filter(isBounded).map((one) => one.checkpointId);
    const answers = records
      .filter(({ record }) => bounded.includes(record.answerer.checkpointId))
      .map(async ({ record }): Promise<[string, ExactReweightAnswer]> => {
        const { checkpointId } = record.answerer;
        const { topK, minP } = record.sampler;
        const exact = this.session.checkpoints.find(checkpointId)?.backend.exact;
        if (!exact?.calls) return [checkpointId, { bounds: null, reason: 'nothing-computed' }];
        try {
          const policy = { topK, minP, ...target };
          return [checkpointId, await exact.calls.reweighted(record.runId, policy)];
        } catch (thrown) {
          const { message } = asNamedError(thrown);
          return [checkpointId, { bounds: null, reason: 'failed', message }];
        }
      });
    return Object.fromEntries(await Promise.all(answers));
  }
}
