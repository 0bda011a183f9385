/** Two thousand resamples of ten thousand items take seconds: too long for a page, so it is done here. */

import { compareItems, type Comparison } from '../../src/core/sets/comparison.ts';
import type { ItemFigures } from '../../src/core/sets/item-figures.ts';
import { runFigures, type RunFigures } from '../../src/core/sets/run-figures.ts';
import type { FigureService } from '../../src/protocol/figures.ts';

export class SetFigureService implements FigureService {
  private sides: readonly [ItemFigures[], ItemFigures[]] = [[], []];

  begin(): Promise<void> {
    this.sides = [[], []];
    return Promise.resolve();
  }

  add(side: 0 | 1, items: readonly ItemFigures[]): Promise<void> {
    for (const item of items) this.sides[side].push(item);
    return Promise.resolve();
  }

  values(): Promise<RunFigures> {
    return Promise.resolve(runFigures(this.sides[0], 0));
  }

  figures(): Promise<RunFigures> {
    return Promise.resolve(runFigures(this.sides[0]));
  }

  compare(): Promise<Comparison | null> {
    return Promise.resolve(compareItems(...this.sides));
  }
}
