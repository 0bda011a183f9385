/** Exact answers without a model: passes that a test lets go on one by one, or that all run at once. */

import type { BackendCalls, ExactAnswers } from '../../src/backend/answer-backend.ts';
import { answerBounds } from '../../src/core/answer-bounds.ts';
import type { PolicySettings } from '../../src/core/types.ts';
import type {
  ExactEvent,
  ExactReply,
  ExactRequest,
  ExactReweightReply,
  ExactStatus,
} from '../../src/protocol/vlm.ts';

export class FakeExact implements ExactAnswers {
  from: ExactAnswers['from'] = 'model';
  /** Why it cannot be asked, whatever it is asked; `null` when it can. */
  refused: string | null = null;
  readonly requests: ExactRequest[] = [];
  /** What `reweighted` was asked. */
  readonly targets: PolicySettings[] = [];
  /** Thrown by `reweighted` while it is set. */
  reweightError: Error | null = null;
  #kept: ExactRequest | null = null;
  /** Most that ran at the same time. */
  mostAtOnce = 0;
  /** Runs after each pass. */
  onPass: (pass: number) => void = () => undefined;
  /** Thrown after the first pass of the next request, once. */
  error: Error | null = null;
  #running = 0;

  /** @param passes explored probability of B after each pass; the rest is unexplored */
  constructor(private readonly passes: readonly number[] = [0.25, 0.5, 1]) {}

  refusal(): string | null {
    return this.refused;
  }

  async bounds(
    request: ExactRequest,
    { signal, onEvent }: BackendCalls<ExactEvent>,
  ): Promise<ExactReply> {
    this.requests.push(request);
    if (request.keepAs !== undefined) this.#kept = request;
    this.#running += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#running);
    try {
      for (const [position, mass] of this.passes.entries()) {
        onEvent({ type: 'bounds', ...this.#progress(request, mass, position + 1) });
        this.onPass(position + 1);
        const { error } = this;
        this.error = null;
        if (error) throw error;
        await Promise.resolve();
        if (signal.aborted) return this.#reply(request, mass, position + 1, 'stopped');
      }
      const last = this.passes.at(-1) ?? 0;
      const status = 1 - last < request.epsilon ? 'epsilon' : 'budget';
      return this.#reply(request, last, this.passes.length, status);
    } finally {
      this.#running -= 1;
    }
  }

  /** As the run at its own temperature; twice as hot, half as much of B is explored. */
  reweighted(keptAs: string, target: PolicySettings): Promise<ExactReweightReply> {
    this.targets.push(target);
    if (this.reweightError) return Promise.reject(this.reweightError);
    const kept = this.#kept;
    if (!kept) return Promise.resolve({ bounds: null, reason: 'nothing-computed' });
    if (kept.keepAs !== keptAs) return Promise.resolve({ bounds: null, reason: 'other-run-kept' });
    const explored = this.passes.at(-1) ?? 0;
    const mass = Math.min(1, explored * (kept.sampler.temperature / target.temperature));
    const bounds = answerBounds(new Map([['B', mass]]), kept.question);
    return Promise.resolve({ bounds, reason: null });
  }

  #progress(request: ExactRequest, mass: number, passes: number) {
    const bounds = answerBounds(new Map([['B', mass]]), request.question);
    return { bounds, passes, nodes: passes, leaves: passes, elapsedMs: passes };
  }

  #reply(request: ExactRequest, mass: number, passes: number, status: ExactStatus): ExactReply {
    const { prefix } = request;
    // A word is a token here.
    const words = typeof prefix === 'string' ? (prefix.match(/\S+/gu) ?? []) : (prefix ?? []);
    const prefixTokenIds = words.map((_, position) => position);
    return { ...this.#progress(request, mass, passes), status, prefixTokenIds };
  }
}
