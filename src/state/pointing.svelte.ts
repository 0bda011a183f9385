/**
 * What is pointed at in the shown result, by pointer or focus: one thing, wherever it stands, so that
 * bars, river, curve and list light the same samples. Nothing is remembered: it goes with the pointer.
 */

import type { PointTarget } from '../core/pointing.ts';

export class Pointing {
  #target = $state.raw<PointTarget | null>(null);

  get target(): PointTarget | null {
    return this.#target;
  }

  /** `null` when the pointer or the focus has left. */
  point(target: PointTarget | null): void {
    this.#target = target;
  }
}
