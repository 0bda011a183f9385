/**
 * What the requests of one limit brought in a stretch of time. By Little's law throughput is requests in
 * flight over latency: unlike answers counted by the clock that does not jump when requests that were
 * sent together end together.
 */

export interface Finding {
  /** Work per millisecond. */
  readonly rate: number;
  /** Requests in flight, mean over time. */
  readonly inFlight: number;
}

export class RequestWindow {
  private requests = 0;
  private work = 0;
  private latencyMs = 0;
  private begunAt: number | null = null;
  private seenAt = 0;
  private inFlightMs = 0;

  /** @param size requests that make a finding */
  constructor(private readonly size: number) {}

  /** The number in flight changes: until now it was so many. */
  note(inFlight: number, now: number): void {
    if (this.begunAt !== null) this.inFlightMs += inFlight * (now - this.seenAt);
    this.seenAt = now;
  }

  /** Begins with the end of the first request, and is complete with that of the last. */
  add(work: number, latencyMs: number, now: number): Finding | null {
    if (this.begunAt === null) {
      this.begunAt = now;
      this.seenAt = now;
    }
    this.requests += 1;
    this.work += work;
    this.latencyMs += latencyMs;
    const elapsedMs = now - this.begunAt;
    if (this.requests < this.size || elapsedMs <= 0 || this.latencyMs <= 0) return null;
    const inFlight = this.inFlightMs / elapsedMs;
    return { rate: (this.work / this.latencyMs) * inFlight, inFlight };
  }
}
