/**
 * Finds how many requests keep a server's batch full and no more. The limit rises while enough of each
 * rise comes back as throughput; where latency rises as fast as the limit it goes back to what was
 * measured before, and both sides are tried again later. A refusal halves it at once; a clean round leads
 * back, since a single one may be chance, and a second one there lowers what counts as known.
 */

import type { Concurrency, RequestTicket } from './concurrency.ts';
import { RequestWindow, type Finding } from './request-window.ts';

export interface AutoBounds {
  readonly start: number;
  readonly least: number;
  readonly most: number;
}

export const AUTO_BOUNDS: AutoBounds = { start: 4, least: 1, most: 256 };

/** Of a rise of the limit so much has to come back as throughput. */
const WORTH_A_RISE = 0.25;
/** Of a fall so much of throughput may be lost. */
const FREE_FALL = 0.1;
const DOUBLE = 2;
const STEP_UP = 1.25;
const STEP_DOWN = 0.8;
/** A window holds so many requests for each one in flight, and no fewer than that. */
const ROUNDS = 2;
const FEWEST_REQUESTS = 8;
/** Below that share of the limit in flight it was not the limit that held requests back. */
const SATURATED = 0.75;
/** Windows from one try to the next; it doubles with each that brought nothing. */
const FIRST_REST = 3;
const LONGEST_REST = 24;

interface Level {
  readonly limit: number;
  readonly rate: number;
}

/** `rising` and `falling` measure a limit that is tried, `draining` waits for a clean round after a refusal. */
type Mode = 'rising' | 'falling' | 'holding' | 'draining';

export class AutoConcurrency implements Concurrency {
  inFlight = 0;
  private current: number;
  private epoch = 0;
  private mode: Mode = 'rising';
  private factor = DOUBLE;
  /** The limit to go back to; `null` before one was measured. */
  private known: Level | null = null;
  /** Above it the server refused. */
  private ceiling: number;
  private window: RequestWindow;
  /** Windows to hold, and until the next try. */
  private rest = FIRST_REST;
  private restLeft = FIRST_REST;
  private triesUpNext = false;
  private isBackFromRefusal = false;
  /** Ends without a refusal that are still to come. */
  private cleanLeft = 0;

  /** @param clock milliseconds that only go on */
  constructor(
    private readonly clock: () => number,
    private readonly bounds: AutoBounds = AUTO_BOUNDS,
  ) {
    this.current = Math.min(bounds.start, bounds.most);
    this.ceiling = bounds.most;
    this.window = this.freshWindow();
  }

  get limit(): number {
    return this.current;
  }

  started(): RequestTicket {
    const now = this.clock();
    this.moveInFlight(1, now);
    return { startedAt: now, epoch: this.epoch };
  }

  finished({ startedAt, epoch }: RequestTicket, work: number): void {
    const now = this.clock();
    this.moveInFlight(-1, now);
    if (epoch !== this.epoch) return;
    if (this.mode === 'draining') {
      this.cleanLeft -= 1;
      if (this.cleanLeft <= 0) this.comeBack();
      return;
    }
    const finding = this.window.add(work, now - startedAt, now);
    if (finding === null) return;
    this.window = this.freshWindow();
    if (finding.inFlight >= SATURATED * this.current) this.decide(finding);
  }

  refused({ epoch }: RequestTicket): void {
    this.moveInFlight(-1, this.clock());
    // Those that were sent before the limit was lowered were too many together.
    if (epoch !== this.epoch) return;
    const { current, mode, known } = this;
    if (mode === 'rising' && known !== null) this.ceiling = Math.max(known.limit, current - 1);
    // Refused again at half of it: what was known is no longer so.
    else if (mode === 'draining') this.known = null;
    else if (this.isBackFromRefusal && known !== null) {
      this.known = scaled(known, this.lower(known.limit));
      this.ceiling = this.known.limit;
      this.triesUpNext = true;
    }
    this.rest = FIRST_REST;
    this.mode = 'draining';
    this.move(Math.floor(current / 2));
    this.cleanLeft = Math.ceil(this.current / 2);
  }

  failed(): void {
    this.moveInFlight(-1, this.clock());
  }

  private decide({ rate }: Finding): void {
    const { known } = this;
    const here: Level = { limit: this.current, rate };
    if (this.mode === 'holding') {
      this.isBackFromRefusal = false;
      this.known = known === null ? here : { ...known, rate: (known.rate + rate) / 2 };
      this.restLeft -= 1;
      if (this.restLeft <= 0) this.tryAgain();
      return;
    }
    if (known === null) {
      this.known = here;
      this.rise();
      return;
    }
    const change = here.limit / known.limit - 1;
    const leastGain = change * (this.mode === 'rising' ? WORTH_A_RISE : FREE_FALL);
    const isBetter = rate >= known.rate * (1 + leastGain);
    if (isBetter) {
      this.known = here;
      this.rest = FIRST_REST;
      if (this.mode === 'rising') this.rise();
      else this.fall();
      return;
    }
    // What was too much by a step may have been too much before: doubling steps far.
    this.triesUpNext = this.mode === 'falling';
    this.rest = Math.min(LONGEST_REST, 2 * this.rest);
    this.hold(known.limit);
  }

  private tryAgain(): void {
    if (this.triesUpNext) {
      this.factor = STEP_UP;
      // What was refused once is tried again, a step at a time.
      if (this.ceiling <= this.current) this.ceiling = this.raised(STEP_UP, this.bounds.most);
      this.rise();
    } else this.fall();
  }

  private rise(): void {
    const next = this.raised(this.factor, this.ceiling);
    if (next <= this.current) {
      this.triesUpNext = false;
      this.hold(this.current);
      return;
    }
    this.mode = 'rising';
    this.move(next);
  }

  private fall(): void {
    const next = this.lower(this.current);
    if (next >= this.current) {
      this.triesUpNext = true;
      this.hold(this.current);
      return;
    }
    this.mode = 'falling';
    this.move(next);
  }

  private comeBack(): void {
    const { known } = this;
    if (known === null) {
      this.factor = DOUBLE;
      this.mode = 'rising';
      this.move(this.current);
      return;
    }
    this.isBackFromRefusal = true;
    this.hold(known.limit);
  }

  private hold(limit: number): void {
    this.mode = 'holding';
    this.restLeft = this.rest;
    this.move(limit);
  }

  private move(limit: number): void {
    const { least, most } = this.bounds;
    this.current = Math.min(most, Math.max(least, limit));
    this.epoch += 1;
    this.window = this.freshWindow();
  }

  private raised(factor: number, most: number): number {
    return Math.min(most, Math.max(this.current + 1, Math.floor(this.current * factor)));
  }

  private lower(limit: number): number {
    return Math.max(this.bounds.least, Math.min(limit - 1, Math.ceil(limit * STEP_DOWN)));
  }

  private moveInFlight(by: number, now: number): void {
    this.window.note(this.inFlight, now);
    this.inFlight += by;
  }

  private freshWindow(): RequestWindow {
    return new RequestWindow(Math.max(FEWEST_REQUESTS, ROUNDS * this.current));
  }
}

const scaled = ({ limit, rate }: Level, to: number): Level => ({
  limit: to,
  rate: (rate * to) / limit,
});
