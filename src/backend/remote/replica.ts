/** One of the servers that answer for a model: how much it is asked, and when it is left alone. */

import type { ServerAddress } from '../../protocol/server.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import type { Concurrency, RequestTicket } from './concurrency.ts';
import { ServerFault } from './server-fault.ts';

/** Failures one after the other that send a server to rest: a single one may be chance. */
const FAILURES_TO_REST = 3;
const FIRST_REST_MS = 1_000;
const LONGEST_REST_MS = 60_000;
const TOO_MANY = 429;
/** Statuses of a server that would have no more at a time. */
const REFUSALS: ReadonlySet<number> = new Set([TOO_MANY, 503]);
/** What the next request to the same server would meet as well. */
const LASTING: ReadonlySet<ErrorName> = new Set<ErrorName>(['AccessDenied', 'CheckpointMissing']);

export class Replica {
  /** Milliseconds of the clock. */
  restsUntil = 0;
  /** One after the other. */
  private failures = 0;

  /** @param clock milliseconds that only go on */
  constructor(
    readonly address: ServerAddress,
    readonly concurrency: Concurrency,
    private readonly clock: () => number,
  ) {}

  get isResting(): boolean {
    return this.restsUntil > this.clock();
  }

  /** Requests that it can be sent now; after a rest it has to answer one first. */
  get room(): number {
    const { limit, inFlight } = this.concurrency;
    return (this.failures >= FAILURES_TO_REST ? 1 : limit) - inFlight;
  }

  answered(ticket: RequestTicket, work: number): void {
    this.failures = 0;
    this.concurrency.finished(ticket, work);
  }

  /** @param mayRest where there are others */
  failed(ticket: RequestTicket, thrown: unknown, mayRest: boolean): void {
    const status = thrown instanceof ServerFault ? thrown.facts.status : null;
    if (status !== null && REFUSALS.has(status)) this.concurrency.refused(ticket);
    else this.concurrency.failed(ticket);
    if (!mayRest || !isOfServer(thrown) || this.isResting) return;
    const { waitMs } = thrown.facts;
    if (LASTING.has(thrown.name)) this.failures = Math.max(this.failures + 1, FAILURES_TO_REST);
    // A server that is asked less will do; one that refuses a single request will not.
    else if (status !== TOO_MANY || this.concurrency.limit === 1) this.failures += 1;
    const over = this.failures - FAILURES_TO_REST;
    const ownMs = over < 0 ? 0 : Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** over);
    this.restsUntil = this.clock() + Math.max(ownMs, waitMs ?? 0);
  }
}

/** Whether another server may do what this one did not. */
function isOfServer(thrown: unknown): thrown is ServerFault {
  return thrown instanceof ServerFault && (thrown.facts.isPassing || LASTING.has(thrown.name));
}

/** A failure where another server can be asked: at once, and whatever it was. */
export function movable(thrown: unknown): unknown {
  if (!isOfServer(thrown)) return thrown;
  const facts = { ...thrown.facts, isPassing: true, waitMs: null };
  return new ServerFault(thrown.name, thrown.message, facts);
}
