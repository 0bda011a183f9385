/** How many requests a server is asked at a time: a number, or what `AutoConcurrency` finds. */

/** A request that was begun. */
export interface RequestTicket {
  /** Milliseconds of the clock. */
  readonly startedAt: number;
  /** Changes whenever the limit does. */
  readonly epoch: number;
}

/** Is told of every request, once of its begin and once of its end. */
export interface Concurrency {
  /** Requests at a time, 1 or more; may change with every end. */
  readonly limit: number;
  readonly inFlight: number;
  started(): RequestTicket;
  /** @param work tokens or answers that it brought: one of the two for all requests to a server */
  finished(ticket: RequestTicket, work: number): void;
  /** The server would have no more at a time: 429 or 503. */
  refused(ticket: RequestTicket): void;
  /** It ended without an answer for another reason, which says nothing of the load. */
  failed(ticket: RequestTicket): void;
}

export class FixedConcurrency implements Concurrency {
  inFlight = 0;

  constructor(readonly limit: number) {}

  started(): RequestTicket {
    this.inFlight += 1;
    return { startedAt: 0, epoch: 0 };
  }
  finished(): void {
    this.inFlight -= 1;
  }
  refused(): void {
    this.inFlight -= 1;
  }
  failed(): void {
    this.inFlight -= 1;
  }
}
