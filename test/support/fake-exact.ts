/** Exact answers without a model: passes that a test lets go on one by one, or that all run at once. */

import type { BackendCalls, ExactAnswers } from '../../src/backend/answer-backend.ts';
import { answerBounds } from '../../src/core/answer-bounds.ts';
import type { ExactEvent, ExactReply, ExactRequest, ExactStatus } from '../../src/protocol/vlm.ts';

export class FakeExact implements ExactAnswers {
  readonly requests: ExactRequest[] = [];
  /** Most that ran at the same time. */
  mostAtOnce = 0;
  /** Runs after each pass. */
  onPass: (pass: number) => void = () => undefined;
  /** Thrown after the first pass of the next request, once. */
  error: Error | null = null;
  #running = 0;

  /** @param passes explored probability of B after each pass; the rest is unexplored */
  constructor(private readonly passes: readonly number[] = [0.25, 0.5, 1]) {}

  async bounds(
    request: ExactRequest,
    { signal, onEvent }: BackendCalls<ExactEvent>,
  ): Promise<ExactReply> {
    this.requests.push(request);
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

  reweighted(): Promise<{ bounds: null; reason: string }> {
    return Promise.resolve({ bounds: null, reason: 'Nothing is kept here.' });
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
