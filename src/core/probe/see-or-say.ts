/**
 * Is a wrong answer a failure to see or a failure to say? Per item what a probe of the vision tower makes of
 * the image beside what the checkpoint answered, both about the same options.
 */
import { Columns, minus } from '../sets/columns.ts';
import { RESAMPLES, Resampling, type Estimate } from '../sets/resampling.ts';
import { BOOTSTRAP_SEED } from '../sets/run-figures.ts';

/** One item: whether the probe is right among the options that were offered, and the T = 0 answer. */
export interface SeenAndSaid {
  readonly sees: boolean;
  readonly says: boolean;
}

export const SEEN_AND_SAID = [
  { sees: true, says: true },
  { sees: true, says: false },
  { sees: false, says: true },
  { sees: false, says: false },
] as const satisfies readonly SeenAndSaid[];

/** 95 % intervals are the bootstrap's over items: they speak of these items and this training of the probe. */
export interface SeeOrSay {
  readonly items: number;
  /** Items in the order of `SEEN_AND_SAID`. */
  readonly counts: readonly number[];
  /** Share of the items that the probe tells right among the options offered. */
  readonly sees: Estimate;
  /** A: share whose T = 0 answer is right. */
  readonly says: Estimate;
  /** The seeing gap, `sees` − `says`: above 0 the tower knows more than the answers show. */
  readonly gap: Estimate;
}

/** @returns `null` without items */
export function seeOrSay(items: readonly SeenAndSaid[], resamples = RESAMPLES): SeeOrSay | null {
  if (items.length === 0) return null;
  const columns = new Columns<SeenAndSaid>();
  const sees = columns.mean((item) => Number(item.sees));
  const says = columns.mean((item) => Number(item.says));
  const resampling = resampled(columns, items, resamples);
  return {
    items: items.length,
    counts: SEEN_AND_SAID.map(
      (kind) => items.filter((item) => item.sees === kind.sees && item.says === kind.says).length,
    ),
    sees: resampling.ofAll(sees),
    says: resampling.ofAll(says),
    gap: resampling.ofAll(minus(sees, says)),
  };
}

/** One image under two checkpoints: whether the probe of each is right. */
export interface SeenByBoth {
  readonly parent: boolean;
  readonly child: boolean;
}

/**
 * Did a step of training change what the tower sees? Share of images that the child's probe tells right minus
 * the parent's, on the same images. `null` without images.
 */
export function seeingChange(
  images: readonly SeenByBoth[],
  resamples = RESAMPLES,
): Estimate | null {
  if (images.length === 0) return null;
  const columns = new Columns<SeenByBoth>();
  const before = columns.mean(({ parent }) => Number(parent));
  const after = columns.mean(({ child }) => Number(child));
  return resampled(columns, images, resamples).ofAll(minus(after, before));
}

function resampled<Row>(columns: Columns<Row>, rows: readonly Row[], resamples: number) {
  const resampling = new Resampling(
    columns.table(rows),
    rows.map(() => 0),
    BOOTSTRAP_SEED,
  );
  resampling.add(resamples);
  return resampling;
}

/**
 * The likeliest class of an image among some of them; the one that comes first of equal ones.
 *
 * @param scores of every class, images · `classes`, row-major
 * @param offered class indexes, at least one
 */
export function likeliestOf(
  scores: Float64Array,
  image: number,
  classes: number,
  offered: readonly number[],
): number {
  let best = offered[0] ?? 0;
  for (const label of offered) {
    if ((scores[image * classes + label] ?? NaN) > (scores[image * classes + best] ?? NaN)) {
      best = label;
    }
  }
  return best;
}

/**
 * The classes that a question offers, in its order: those that its options name, or every class where it is
 * free-form. `null` where an option is no class, as in a question for yes or no.
 */
export function offeredClasses(
  options: readonly string[],
  labels: readonly string[],
): readonly number[] | null {
  if (options.length === 0) return labels.map((_, index) => index);
  const places = options.map((option) => labels.indexOf(option));
  return places.includes(-1) ? null : places;
}
