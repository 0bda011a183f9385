/** Features of a checkpoint and what PyTorch and numpy made of them (see test/fixtures/probe/README.md). */

import { readFileSync } from 'node:fs';
import type { ProbeDraws } from '../../src/core/probe/draws.ts';
import type { FeatureMatrix, LabelledFeatures, ProbeSets } from '../../src/core/probe/features.ts';
import expected from '../fixtures/probe/expected.json';

const FOLDER = new URL('../fixtures/probe/', import.meta.url);

export type StoredSet = (typeof expected.sets)[number];
export const storedSets: readonly StoredSet[] = expected.sets;

/** Node 20 has no `Float16Array`. */
function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const bufferOf = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer;
const decoded = (base64: string): ArrayBuffer => bufferOf(Buffer.from(base64, 'base64'));

export const float32Of = (base64: string): Float32Array => new Float32Array(decoded(base64));
export const float64Of = (base64: string): Float64Array => new Float64Array(decoded(base64));

/** All images: train, then val, then test. */
export function storedFeatures({ name, width }: StoredSet): FeatureMatrix {
  const halves = new Uint16Array(bufferOf(readFileSync(new URL(`${name}.f16`, FOLDER))));
  return { rows: halves.length / width, width, values: Float32Array.from(halves, halfFloat) };
}

export function storedProbeSets(set: StoredSet): ProbeSets {
  const { values, width } = storedFeatures(set);
  let from = 0;
  const next = ({ images, labels }: { images: number; labels: number[] }): LabelledFeatures => {
    const own = values.slice(from * width, (from + images) * width);
    from += images;
    return { features: { rows: images, width, values: own }, labels: Int32Array.from(labels) };
  };
  const { train, val, test } = set.splits;
  return { classes: set.classes, train: next(train), val: next(val), test: next(test) };
}

/** The draws of PyTorch's training: its untrained layer, and the order of the images in each epoch. */
export function storedDraws({ trace }: StoredSet): ProbeDraws {
  const orders = new Uint16Array(decoded(trace.orders));
  let epoch = 0;
  return {
    head: (classes, width) => ({
      classes,
      width,
      weights: Float64Array.from(float32Of(trace.weight)),
      bias: Float64Array.from(float32Of(trace.bias)),
    }),
    order(images) {
      epoch += 1;
      return Uint32Array.from(orders.subarray((epoch - 1) * images, epoch * images));
    },
  };
}
