/** Published figures beside the lab's own: which of them is looked at. */

import { CLASSIFIERS_SOURCE, PUBLISHED_CLASSIFIERS } from '../data/published-classifiers.ts';
import {
  CURVES_SOURCE,
  FIRST_CHOICE,
  PUBLISHED_SETS,
  publishedCurves,
  type PublishedChoice,
  type PublishedCurve,
} from '../data/published-curves.ts';

export type { PublishedChoice, PublishedCurve } from '../data/published-curves.ts';
export type { PublishedClassifiers } from '../data/published-classifiers.ts';

export class PublishedFigures {
  #choice = $state.raw<PublishedChoice>(FIRST_CHOICE);

  readonly curves = $derived.by<readonly PublishedCurve[]>(() =>
    publishedCurves(this.#choice.size, this.#choice.set),
  );
  readonly setTitle = $derived.by<string>(
    () => PUBLISHED_SETS.find(({ id }) => id === this.#choice.set)?.title ?? '',
  );
  readonly sets = PUBLISHED_SETS;
  readonly source = CURVES_SOURCE;
  readonly classifiers = PUBLISHED_CLASSIFIERS;
  readonly classifiersSource = CLASSIFIERS_SOURCE;

  get choice(): PublishedChoice {
    return this.#choice;
  }

  choose(change: Partial<PublishedChoice>): void {
    this.#choice = { ...this.#choice, ...change };
  }
}
