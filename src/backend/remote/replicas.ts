/**
 * The servers that answer for one model, one or several, and the queue before them. Every request waits
 * here for its turn, whichever item it is of, and goes to the server with the most free room. Of several,
 * one that fails rests, longer each time, and then gets one request at a time until it answers one; its
 * requests go to the others, and only when all rest does a failure reach the run.
 */

import type { ServerAddress } from '../../protocol/server.ts';
import type { RequestTicket } from './concurrency.ts';
import { movable, type Replica } from './replica.ts';
import { TurnQueue } from './turn-queue.ts';

/** What one request to one server brought. */
export interface Sent<Result> {
  readonly result: Result;
  /** Tokens, or answers where those are not told. */
  readonly work: number;
}

interface Turn {
  readonly replica: Replica;
  readonly ticket: RequestTicket;
}

export class Replicas {
  private readonly queue = new TurnQueue<Turn>();

  constructor(private readonly replicas: readonly Replica[]) {}

  /** Requests at a time, of all that do not rest. */
  get limit(): number {
    const limits = this.awake.map(({ concurrency }) => concurrency.limit);
    return Math.max(
      1,
      limits.reduce((sum, limit) => sum + limit, 0),
    );
  }

  /**
   * Waits for a turn and sends one request.
   *
   * @throws what `use` threw, as something that may pass where another server can be asked; `Cancelled`
   *   when stopped before its turn
   */
  async send<Result>(
    signal: AbortSignal,
    use: (address: ServerAddress) => Promise<Sent<Result>>,
  ): Promise<Result> {
    const { replica, ticket } = await this.turn(signal);
    try {
      const { result, work } = await use(replica.address);
      replica.answered(ticket, work);
      return result;
    } catch (thrown) {
      replica.failed(ticket, thrown, this.replicas.length > 1);
      throw this.awake.some((one) => one !== replica) ? movable(thrown) : thrown;
    } finally {
      this.serve();
    }
  }

  private turn(signal: AbortSignal): Promise<Turn> {
    const turn = this.queue.wait(signal);
    this.serve();
    return turn;
  }

  private serve(): void {
    this.queue.serve(() => {
      const replica = this.freest();
      return replica && { replica, ticket: replica.concurrency.started() };
    });
  }

  /** `null` where there is no room. */
  private freest(): Replica | null {
    const { awake } = this;
    const asked =
      awake.length > 0
        ? awake.toSorted((a, b) => b.room - a.room)
        : this.replicas.toSorted((a, b) => a.restsUntil - b.restsUntil);
    return asked.find(({ room }) => room > 0) ?? null;
  }

  private get awake(): readonly Replica[] {
    return this.replicas.filter(({ isResting }) => !isResting);
  }
}
