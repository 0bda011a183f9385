/**
 * The page's half of `workers/figures.worker.ts`. Items are sent in pieces, so that the page has its
 * turn between them; what is stopped ends with its worker, and the next job starts another one.
 */

import type { Comparison } from '../core/sets/comparison.ts';
import type { ItemFigures } from '../core/sets/item-figures.ts';
import type { RunFigures } from '../core/sets/run-figures.ts';
import { NamedError } from '../protocol/errors.ts';
import type { FigureBackend, FigureService } from '../protocol/figures.ts';
import { createWorkerLink, type WorkerLink } from './worker-link.ts';

/** Items of one message: a few milliseconds to copy. */
const ITEMS_AT_ONCE = 500;

type Link = WorkerLink<FigureService>;

export class FigureWorker implements FigureBackend {
  #link: Link | null = null;
  /** Jobs wait for each other: the worker holds the items of one. */
  #last: Promise<unknown> = Promise.resolve();

  /** @param makeWorker makes the worker under the name that it is given */
  constructor(private readonly makeWorker: (name: string) => Worker) {}

  runFigures(
    items: readonly ItemFigures[],
    { signal, onValues }: Parameters<FigureBackend['runFigures']>[1],
  ): Promise<RunFigures> {
    return this.#job(signal, async (link) => {
      await send(link, [items], signal);
      onValues(await link.call((service) => service.values()));
      return link.call((service) => service.figures());
    });
  }

  compare(
    parents: readonly ItemFigures[],
    children: readonly ItemFigures[],
    signal: AbortSignal,
  ): Promise<Comparison | null> {
    return this.#job(signal, async (link) => {
      await send(link, [parents, children], signal);
      return link.call((service) => service.compare());
    });
  }

  #job<Result>(signal: AbortSignal, work: (link: Link) => Promise<Result>): Promise<Result> {
    const run = async (): Promise<Result> => {
      check(signal);
      if (this.#link === null || this.#link.isDead) this.#link = createWorkerLink(this.makeWorker);
      const link = this.#link;
      const stop = (): void => {
        link.terminate();
      };
      signal.addEventListener('abort', stop, { once: true });
      try {
        return await work(link);
      } finally {
        signal.removeEventListener('abort', stop);
      }
    };
    const job = this.#last.then(run);
    this.#last = job.catch(() => undefined);
    return job;
  }
}

async function send(
  link: Link,
  sides: readonly (readonly ItemFigures[])[],
  signal: AbortSignal,
): Promise<void> {
  await link.call((service) => service.begin());
  for (const [side, items] of sides.entries()) {
    for (let from = 0; from < items.length; from += ITEMS_AT_ONCE) {
      check(signal);
      const piece = items.slice(from, from + ITEMS_AT_ONCE);
      await link.call((service) => service.add(side === 0 ? 0 : 1, piece));
    }
  }
}

function check(signal: AbortSignal): void {
  if (signal.aborted) throw new NamedError('Cancelled', 'The figures were not drawn to the end.');
}
