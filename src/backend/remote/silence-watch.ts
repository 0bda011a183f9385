/**
 * Ends a request to a server that says nothing: not a byte for too long, or, while it streams, bytes that
 * never make up an event. A whole answer has a limit too, so that drops of events end as well.
 */

import type { ServerAddress } from '../../protocol/server.ts';
import { ServerFault } from './server-fault.ts';

export interface PatienceMs {
  /** Until the first sign: a busy server lets requests queue. */
  readonly first: number;
  /** Between two signs. */
  readonly between: number;
  /** For one request as a whole. */
  readonly whole: number;
}

export const USUAL_PATIENCE: PatienceMs = { first: 600_000, between: 60_000, whole: 1_800_000 };

export class SilenceWatch {
  private readonly stop = new AbortController();
  private readonly ofWhole: ReturnType<typeof setTimeout>;
  private ofSilence: ReturnType<typeof setTimeout>;
  private silent: ServerFault | null = null;
  /** Aborts with the caller's own signal, and when the server was silent for too long. */
  readonly signal: AbortSignal;

  constructor(
    private readonly outer: AbortSignal,
    private readonly address: ServerAddress,
    private readonly patience: PatienceMs,
  ) {
    this.signal = AbortSignal.any([outer, this.stop.signal]);
    this.ofWhole = this.endsIn(patience.whole, 'gave no whole answer in');
    this.ofSilence = this.endsIn(patience.first, 'gave no sign for');
  }

  /** Something came. */
  sign(): void {
    clearTimeout(this.ofSilence);
    this.ofSilence = this.endsIn(this.patience.between, 'gave no sign for');
  }

  end(): void {
    clearTimeout(this.ofSilence);
    clearTimeout(this.ofWhole);
  }

  /** What a failure of the request means: the silence, where that ended it. */
  meaning(thrown: unknown): unknown {
    return this.outer.aborted ? thrown : (this.silent ?? thrown);
  }

  private endsIn(milliseconds: number, what: string): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      const seconds = String(Math.round(milliseconds / 1000));
      this.silent ??= new ServerFault(
        'NetworkFailed',
        `${this.address.host} ${what} ${seconds} seconds. It may be overloaded: ask it for fewer answers at a time.`,
        { isPassing: true },
      );
      this.stop.abort();
    }, milliseconds);
  }
}
