/** The knobs of the probes, and what they may be. */
import type { FieldProblem } from '../validate.ts';

export interface LinearProbeSettings {
  /** Of the first epoch; the cosine schedule brings it to 0 after the last. */
  readonly learningRate: number;
  /** Images of a step. */
  readonly batchSize: number;
  readonly epochs: number;
  /** Of the untrained layer and of the order of the images. */
  readonly seed: number;
}

/**
 * The paper's, as its code was released (armenjeddi/medbridgerl, `linprobe.py`): the defaults of its
 * command line. It sets no seed.
 */
export const RELEASED_PROBE: LinearProbeSettings = {
  learningRate: 0.1,
  batchSize: 1024,
  epochs: 20,
  seed: 1,
};

/**
 * The same in smaller batches, for sets of hundreds of images: batches of 1,024 are 20 steps in all,
 * after which 12 % (0.9²⁰) of BatchNorm's running figures are still those it began with. On features
 * of `tiny-sft` and 400 images it is one to three points better on val (`recipes/probe`).
 */
export const SMALL_SET_PROBE: LinearProbeSettings = { ...RELEASED_PROBE, batchSize: 64 };

/** As released (`knn.py`). */
export const RELEASED_NEIGHBOURS = 20;

interface NumberRule {
  readonly field: keyof LinearProbeSettings;
  readonly accepts: (value: number) => boolean;
  readonly message: string;
}

const integerFrom = (min: number, max: number) => (value: number) =>
  Number.isInteger(value) && value >= min && value <= max;

export const LINEAR_PROBE_RULES: readonly NumberRule[] = [
  {
    field: 'learningRate',
    accepts: (value) => value > 0 && value <= 100,
    message: 'The learning rate must be a number above 0 and at most 100.',
  },
  {
    field: 'batchSize',
    accepts: integerFrom(2, 65_536),
    message: 'The batch must be a whole number of images from 2 to 65536.',
  },
  {
    field: 'epochs',
    accepts: integerFrom(1, 1000),
    message: 'The epochs must be a whole number from 1 to 1000.',
  },
  {
    field: 'seed',
    accepts: integerFrom(0, 2 ** 32 - 1),
    message: 'The seed must be a whole number from 0 to 4294967295.',
  },
];

/** NaN and infinities are out of every range. An empty list means all is well. */
export function validateLinearProbe(settings: LinearProbeSettings): readonly FieldProblem[] {
  return LINEAR_PROBE_RULES.filter(({ field, accepts }) => !accepts(settings[field])).map(
    ({ field, message }) => ({ field, message }),
  );
}

/** @param images of the training set, among which there must be as many neighbours */
export function validateNeighbours(k: number, images: number): readonly FieldProblem[] {
  if (integerFrom(1, images)(k)) return [];
  const message = `The neighbours must be a whole number from 1 to ${images}, the number of training images.`;
  return [{ field: 'k', message }];
}
