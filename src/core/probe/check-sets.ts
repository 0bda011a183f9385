/** What is wrong with features and labels before a probe is run on them, each with what to do about it. */
import type { FieldProblem } from '../validate.ts';
import {
  imagesByClass,
  NO_LABEL,
  SEVERAL_LABELS,
  type FeatureMatrix,
  type LabelledFeatures,
  type ProbeSets,
} from './features.ts';

/** Training images without which a class cannot be learned: one has no spread. */
export const LEAST_IMAGES_OF_CLASS = 2;

const SPLIT_WORDS = { train: 'training', val: 'validation', test: 'test' } as const;
type SplitName = keyof typeof SPLIT_WORDS;

/** The first thing that is wrong with each split; an empty list means all is well. */
export function checkSets(sets: ProbeSets): readonly FieldProblem[] {
  const names: readonly SplitName[] =
    sets.val === null ? ['train', 'test'] : ['train', 'val', 'test'];
  const problems = names.flatMap((name) => {
    const split = sets[name];
    if (split === null) return [];
    const message =
      featuresProblem(split.features, `${SPLIT_WORDS[name]} images`) ??
      labelsProblem(split, sets.classes, SPLIT_WORDS[name]);
    return message === null ? [] : [{ field: name, message }];
  });
  if (problems.length > 0) return problems;
  return [...widthProblems(sets), ...classProblems(sets)];
}

/** @param what they are of, as in `training images` */
export function featuresProblem(
  { rows, width, values }: FeatureMatrix,
  what: string,
): string | null {
  if (rows === 0 || width === 0) return `There are no features of the ${what}: take some images.`;
  if (values.length !== rows * width) {
    return `There are ${values.length} numbers of the ${what} where ${rows} · ${width} are due: encode the images again.`;
  }
  // A sum is finite only where all of its terms are: one test for a row, the search only where it fails.
  for (let row = 0; row < rows; row += 1) {
    let sum = 0;
    for (let place = row * width; place < (row + 1) * width; place += 1)
      sum += values[place] ?? NaN;
    if (!Number.isFinite(sum)) {
      return `Image ${row + 1} of the ${what} has a feature that is ${worstOf(values, row, width)}: the vision tower overflowed or is broken. Encode the images again, on another device or with another data type.`;
    }
  }
  return null;
}

function worstOf(values: Float32Array, row: number, width: number): number {
  return (
    values.subarray(row * width, (row + 1) * width).find((value) => !Number.isFinite(value)) ?? NaN
  );
}

function labelsProblem(
  { features, labels }: LabelledFeatures,
  classes: number,
  word: string,
): string | null {
  if (labels.length !== features.rows) {
    return `There are ${features.rows} ${word} images and ${labels.length} labels: a probe needs one for each.`;
  }
  const wrong = labels.findIndex((label) => label < 0 || label >= classes);
  if (wrong < 0) return null;
  const label = labels[wrong] ?? NO_LABEL;
  const which = `${capital(word)} image ${wrong + 1}`;
  if (label === SEVERAL_LABELS) {
    return `${which} has several labels. The probes ask which one class an image is, so sets with several findings an image, such as ChestMNIST, cannot be probed: choose another set.`;
  }
  if (label === NO_LABEL) {
    return `${which} has no label, and without one it can be neither learned from nor scored: leave it out, or choose a set that is labelled.`;
  }
  return `${which} has the label ${label}, but the set has the classes 0 to ${classes - 1}: check which set the file is.`;
}

function widthProblems({ train, val, test }: ProbeSets): FieldProblem[] {
  const width = train.features.width;
  const others = { val, test };
  return (['val', 'test'] as const).flatMap((name) => {
    const other = others[name]?.features.width ?? width;
    if (other === width) return [];
    const message = `The training images have ${width} features each, the ${SPLIT_WORDS[name]} images ${other}: take all of them from the same checkpoint.`;
    return [{ field: name, message }];
  });
}

/** A class that has images anywhere must have enough to learn it from. */
function classProblems({ classes, train, val, test }: ProbeSets): FieldProblem[] {
  const counts = imagesByClass(train.labels, classes);
  const elsewhere = [val, test].map((split) =>
    imagesByClass(split?.labels ?? new Int32Array(), classes),
  );
  const seen = (label: number): boolean =>
    (counts[label] ?? 0) > 0 || elsewhere.some((split) => (split[label] ?? 0) > 0);
  const scarce = Array.from(counts.keys()).filter(
    (label) => seen(label) && (counts[label] ?? 0) < LEAST_IMAGES_OF_CLASS,
  );
  const [first] = scarce;
  if (first !== undefined) {
    const others = scarce.length > 1 ? ` (and ${scarce.length - 1} more)` : '';
    const message = `Class ${first}${others} has ${counts[first] ?? 0} training images, and a class needs at least ${LEAST_IMAGES_OF_CLASS}: take more training images.`;
    return [{ field: 'train', message }];
  }
  if (counts.filter((count) => count > 0).length > 1) return [];
  const message =
    'All training images are of one class, so there is nothing to tell apart: take images of others too.';
  return [{ field: 'train', message }];
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
