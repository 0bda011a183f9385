/** Who waits for a turn, first come first served; whoever is stopped leaves. */

import { NamedError } from '../../protocol/errors.ts';

interface Waiting<Turn> {
  readonly signal: AbortSignal;
  readonly begin: (turn: Turn) => void;
  readonly leave: (reason: NamedError) => void;
}

export class TurnQueue<Turn> {
  private readonly waiting = new Set<Waiting<Turn>>();
  /** One listener for all that wait with a signal: an item's draws wait together. */
  private readonly signals = new Map<AbortSignal, { count: number; readonly stop: () => void }>();

  /** @throws NamedError `Cancelled` when stopped before its turn */
  wait(signal: AbortSignal): Promise<Turn> {
    if (signal.aborted) return Promise.reject(stopped());
    return new Promise((begin, leave) => {
      this.waiting.add({ signal, begin, leave });
      const known = this.signals.get(signal);
      if (known) {
        known.count += 1;
        return;
      }
      const stop = (): void => {
        for (const one of this.waiting) {
          if (one.signal !== signal) continue;
          this.remove(one);
          one.leave(stopped());
        }
      };
      this.signals.set(signal, { count: 1, stop });
      signal.addEventListener('abort', stop);
    });
  }

  /** Gives out turns until nobody waits or `next` has none. */
  serve(next: () => Turn | null): void {
    for (const one of this.waiting) {
      const turn = next();
      if (turn === null) return;
      this.remove(one);
      one.begin(turn);
    }
  }

  private remove(one: Waiting<Turn>): void {
    this.waiting.delete(one);
    const known = this.signals.get(one.signal);
    if (!known) return;
    known.count -= 1;
    if (known.count > 0) return;
    this.signals.delete(one.signal);
    one.signal.removeEventListener('abort', known.stop);
  }
}

const stopped = (): NamedError => new NamedError('Cancelled', 'The run was stopped.');
