/**
 * One exact computation at a time: a worker refuses a second job, so bounds and traces take turns, and
 * both wait for a run. A run does not wait: it ends the computation that is going on.
 */

import type { RunSession } from './run-session.svelte.ts';

export type ExactWork = 'bounds' | 'score';

const BUSY_WORDS: Readonly<Record<ExactWork, string>> = {
  bounds: 'Bounds are being computed: wait for them, or stop them.',
  score: 'A trace is being scored: wait for it, or stop it.',
};

export class ExactTurn {
  #work = $state<ExactWork | null>(null);
  #abort: AbortController | null = null;
  #job: Promise<void> = Promise.resolve();

  constructor(private readonly session: RunSession) {}

  /** What goes on; `null` for nothing. */
  get work(): ExactWork | null {
    return this.#work;
  }
  /** Why nothing can be started now, in a sentence; `null` when it can. */
  get refusal(): string | null {
    if (this.session.isBusy) return 'A run is going on: wait for its end, or stop it.';
    const elsewhere = this.session.checkpoints.waitFor('explore');
    return elsewhere ?? (this.#work === null ? null : BUSY_WORDS[this.#work]);
  }

  /** Does nothing while something else goes on. `job` handles its own errors. */
  async take(work: ExactWork, job: (signal: AbortSignal) => Promise<void>): Promise<void> {
    if (this.refusal !== null || !this.session.checkpoints.take('explore')) return;
    const abort = new AbortController();
    this.#abort = abort;
    this.#work = work;
    const guarded = async (): Promise<void> => {
      try {
        await job(abort.signal);
      } finally {
        this.#work = null;
        this.#abort = null;
        this.session.checkpoints.release();
      }
    };
    this.#job = guarded();
    await this.#job;
  }

  stop(): void {
    this.#abort?.abort();
  }

  /** Stops what is going on and waits until it has ended. */
  async settle(): Promise<void> {
    this.stop();
    await this.#job;
  }
}
