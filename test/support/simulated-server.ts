/**
 * A server and a crowd that always wants more of it, in a time of their own: what a controller of
 * concurrency sees, without waiting.
 */

import type { Concurrency, RequestTicket } from '../../src/backend/remote/concurrency.ts';

export type Ending = 'finished' | 'refused' | 'failed';

export interface Simulated {
  /** What becomes of a request that is the `inFlight`-th. */
  readonly serve: (inFlight: number) => { readonly ms: number; readonly ending: Ending };
  /** The most that are wanted at a time. */
  readonly wanted: number;
}

interface Event {
  readonly at: number;
  readonly ending: Ending;
  readonly ticket: RequestTicket;
}

/** Requests that were refused wait so long before they come again, milliseconds. */
const COMES_AGAIN_MS = 500;

export class Simulation {
  now = 0;
  done = 0;
  refusals = 0;
  private events: Event[] = [];
  private readonly comingAgain: number[] = [];

  readonly clock = (): number => this.now;

  /** Until so many requests more were answered. */
  run(control: Concurrency, server: Simulated, requests: number): void {
    const end = this.done + requests;
    while (this.done < end) {
      this.fill(control, server);
      const next = this.events.reduce((first, one) => (one.at < first.at ? one : first));
      this.events = this.events.filter((one) => one !== next);
      this.now = Math.max(this.now, next.at);
      if (next.ending === 'finished') {
        this.done += 1;
        control.finished(next.ticket, 10);
      } else if (next.ending === 'refused') {
        this.refusals += 1;
        this.comingAgain.push(this.now + COMES_AGAIN_MS);
        control.refused(next.ticket);
      } else control.failed(next.ticket);
    }
  }

  private fill(control: Concurrency, { serve, wanted }: Simulated): void {
    const waiting = this.comingAgain.filter((at) => at > this.now).length;
    while (control.inFlight < Math.min(control.limit, wanted - waiting)) {
      const ticket = control.started();
      const { ms, ending } = serve(control.inFlight);
      this.events.push({ at: this.now + ms, ending, ticket });
    }
  }
}

/** Numbers in [0, 1) that are the same in every run. */
export function steadyChance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Answers as fast with `batch` requests as with one; more of them wait for each other. */
export function batchServer(batch: number, ms = 1000, spread = 0.2): Simulated {
  const chance = steadyChance(7);
  return {
    wanted: 1000,
    serve: (inFlight) => ({
      ms: ms * Math.max(1, inFlight / batch) * (1 + spread * (chance() - 0.5)),
      ending: 'finished',
    }),
  };
}

/** Refuses at once what would be more than `most` at a time. */
export function strictServer(most: number): Simulated {
  const chance = steadyChance(3);
  return {
    wanted: 1000,
    serve: (inFlight) =>
      inFlight > most
        ? { ms: 5, ending: 'refused' }
        : { ms: 900 + 200 * chance(), ending: 'finished' },
  };
}
