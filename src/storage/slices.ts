/**
 * Long work on the page in slices: between two of them the event loop has a turn, so that the page
 * answers. Timers would not do: browsers delay them, to a second in a tab that is not shown.
 */

import { NamedError } from '../protocol/errors.ts';

const SLICE_MS = 12;

export class Slices {
  private startedAt = performance.now();

  /** @param what is stopped, as a sentence begins: `The export` */
  constructor(
    private readonly what: string,
    private readonly signal?: AbortSignal,
  ) {}

  get isOver(): boolean {
    return performance.now() - this.startedAt >= SLICE_MS;
  }

  /**
   * Ends the slice.
   *
   * @throws NamedError `Cancelled` when the signal says so
   */
  async next(): Promise<void> {
    this.check();
    await eventLoopTurn();
    this.check();
    this.startedAt = performance.now();
  }

  /** @throws NamedError `Cancelled` when the signal says so */
  check(): void {
    if (this.signal?.aborted) throw new NamedError('Cancelled', `${this.what} was stopped.`);
  }
}

function eventLoopTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
