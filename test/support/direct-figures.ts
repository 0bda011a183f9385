/** Figures of sets in the thread that asks. */

import { compareItems } from '../../src/core/sets/comparison.ts';
import { runFigures } from '../../src/core/sets/run-figures.ts';
import { NamedError } from '../../src/protocol/errors.ts';
import type { FigureBackend } from '../../src/protocol/figures.ts';

export class DirectFigures implements FigureBackend {
  /** Numbers of items that were asked about. */
  readonly jobs: number[] = [];
  /** Jobs wait for it. */
  gate: Promise<unknown> = Promise.resolve();

  async runFigures(...[items, { signal, onValues }]: Parameters<FigureBackend['runFigures']>) {
    this.jobs.push(items.length);
    onValues(runFigures(items, 0));
    await this.#pass(signal);
    return runFigures(items);
  }

  async compare(...[parents, children, signal]: Parameters<FigureBackend['compare']>) {
    this.jobs.push(parents.length);
    await this.#pass(signal);
    return compareItems(parents, children);
  }

  async #pass(signal: AbortSignal): Promise<void> {
    await this.gate;
    if (signal.aborted) throw new NamedError('Cancelled', 'The figures were not drawn to the end.');
  }
}
