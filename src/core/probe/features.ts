/** Features of images as the probes take them: typed arrays, so that they cross threads as they are. */

/** Where in a checkpoint features are taken, and how those of an image's tokens become one row. */
export const FEATURE_KINDS = [
  'tower-mean',
  'tower-max',
  'projector-mean',
  'projector-max',
] as const;

/**
 * `tower`: what the vision tower gives, before the projector. `projector`: what the language model is shown.
 * `mean` and `max` are over the image's tokens, feature by feature.
 */
export type FeatureKind = (typeof FEATURE_KINDS)[number];

/** Of the same images; a checkpoint has those that its graphs give. */
export type FeatureTables = Readonly<Partial<Record<FeatureKind, FeatureMatrix>>>;

/** Pooled output of a vision tower, one row an image. */
export interface FeatureMatrix {
  /** Images. */
  readonly rows: number;
  /** Features of an image. */
  readonly width: number;
  /** `rows` · `width`, row-major, in the tower's own unit. */
  readonly values: Float32Array;
}

/** In place of a class: nobody says what the image shows. */
export const NO_LABEL = -1;
/** In place of a class: the image has several, as those of ChestMNIST do. */
export const SEVERAL_LABELS = -2;

export interface LabelledFeatures {
  readonly features: FeatureMatrix;
  /** Per image the index of its class, or `NO_LABEL`, or `SEVERAL_LABELS`, both of which are refused. */
  readonly labels: Int32Array;
}

/** Train on `train`, choose on `val`, report on `test`, once. */
export interface ProbeSets {
  /** Classes that the set has, whether or not there is an image of each. */
  readonly classes: number;
  readonly train: LabelledFeatures;
  /** `null` where a set has none: then nothing is chosen. */
  readonly val: LabelledFeatures | null;
  readonly test: LabelledFeatures;
}

/** @param lists per image the indexes of its classes, as data files are read */
export function classLabels(lists: readonly (readonly number[])[]): Int32Array {
  return Int32Array.from(lists, ([only, ...others]) =>
    only === undefined ? NO_LABEL : others.length > 0 ? SEVERAL_LABELS : only,
  );
}

/**
 * Every feature with mean 0 and variance 1 over the images, as the probe's BatchNorm sees them; one that does
 * not vary is 0. Without it a few large features decide a picture that the probe never sees so.
 */
export function standardized({ rows, width, values }: FeatureMatrix): FeatureMatrix {
  const means = new Float64Array(width);
  const deviations = new Float64Array(width);
  eachValue(width, values, (value, place) => {
    means[place] = (means[place] ?? 0) + value / rows;
  });
  eachValue(width, values, (value, place) => {
    deviations[place] = (deviations[place] ?? 0) + (value - (means[place] ?? NaN)) ** 2 / rows;
  });
  const scaled = new Float32Array(values.length);
  eachValue(width, values, (value, place, at) => {
    const deviation = Math.sqrt(deviations[place] ?? NaN);
    scaled[at] = deviation === 0 ? 0 : (value - (means[place] ?? NaN)) / deviation;
  });
  return { rows, width, values: scaled };
}

/** Row by row: memory is read in its order. */
function eachValue(
  width: number,
  values: Float32Array,
  take: (value: number, place: number, at: number) => void,
): void {
  for (let at = 0, place = 0; at < values.length; at += 1) {
    take(values[at] ?? NaN, place, at);
    place = place + 1 === width ? 0 : place + 1;
  }
}

/** Images of each class, `classes` counts; what has no class is not counted. */
export function imagesByClass(labels: Int32Array, classes: number): Uint32Array {
  const counts = new Uint32Array(classes);
  for (const label of labels) {
    if (label >= 0 && label < classes) counts[label] = (counts[label] ?? 0) + 1;
  }
  return counts;
}

/** Place of the largest of `count` values from place `from` on, counted from there; the first of equal ones. */
export function largestAt(values: Float64Array, from: number, count: number): number {
  let best = 0;
  for (let place = 1; place < count; place += 1) {
    if ((values[from + place] ?? NaN) > (values[from + best] ?? NaN)) best = place;
  }
  return best;
}
