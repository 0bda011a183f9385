/**
 * Features of many images by one checkpoint, batch after batch. What was encoded before is read, not encoded
 * again; the checkpoint is loaded when the first image is missing, and not at all where none is.
 */

import {
  classLabels,
  type FeatureKind,
  type FeatureMatrix,
  type FeatureTables,
  type LabelledFeatures,
} from '../core/probe/features.ts';
import type { RgbImage } from '../core/types.ts';
import { asNamedError, NamedError } from '../protocol/errors.ts';
import type { FeatureStore, ImageFeatures } from '../storage/feature-store.ts';
import type { ProbeSplit } from './probe-images.ts';

/** Images of one forward pass: a tower's memory grows with them, its speed hardly beyond. */
export const IMAGES_AT_ONCE = 32;

export interface EncodePorts {
  /** Name of the weights in the store; asked before the first image. */
  readonly weights: () => Promise<string>;
  readonly store: Pick<FeatureStore, 'get' | 'put'>;
  /** Loads the checkpoint when it is not there yet. */
  readonly encode: (images: readonly RgbImage[], signal: AbortSignal) => Promise<FeatureTables>;
  readonly signal: AbortSignal;
  /** Images that are done since the last call, and how many of them were known. */
  readonly onImages: (done: number, known: number) => void;
  /** Told once: features are not kept for the next time, and why. */
  readonly onNotKept: (why: NamedError) => void;
}

export interface EncodedSplit {
  /** Of the pixels, per image. */
  readonly sha256s: readonly string[];
  /** Per image its class, `NO_LABEL` or `SEVERAL_LABELS`. */
  readonly labels: Int32Array;
  readonly rows: readonly ImageFeatures[];
}

/** @throws NamedError `Cancelled`, what encoding throws, `StorageFailed` */
export async function encodeSplit(split: ProbeSplit, ports: EncodePorts): Promise<EncodedSplit> {
  const weights = await ports.weights();
  const sha256s: string[] = [];
  const rows: ImageFeatures[] = [];
  for (let from = 0; from < split.labels.length; from += IMAGES_AT_ONCE) {
    if (ports.signal.aborted) throw new NamedError('Cancelled', 'Encoding was stopped.');
    const to = Math.min(from + IMAGES_AT_ONCE, split.labels.length);
    const places = Array.from({ length: to - from }, (_, at) => from + at);
    const images = await split.open(places);
    const hashes = images.map(({ source }) => source.sha256);
    const known = await ports.store.get(weights, hashes);
    const missing = images.filter((_, at) => known[at] === null);
    const fresh = await encoded(weights, missing, ports);
    hashes.forEach((sha256, at) => {
      const row = known[at] ?? fresh.get(sha256);
      if (!row) throw new NamedError('Internal', `Image ${String(from + at + 1)} has no features.`);
      rows.push(row);
    });
    sha256s.push(...hashes);
    ports.onImages(images.length, images.length - missing.length);
  }
  return { sha256s, labels: classLabels(split.labels), rows };
}

async function encoded(
  weights: string,
  missing: readonly { readonly image: RgbImage; readonly source: { readonly sha256: string } }[],
  { encode, signal, store, onNotKept }: EncodePorts,
): Promise<ReadonlyMap<string, ImageFeatures>> {
  const fresh = new Map<string, ImageFeatures>();
  if (missing.length === 0) return fresh;
  const tables = await encode(
    missing.map(({ image }) => image),
    signal,
  );
  missing.forEach(({ source }, row) => {
    fresh.set(source.sha256, rowOf(tables, row));
  });
  try {
    await store.put(weights, fresh);
  } catch (thrown) {
    onNotKept(asNamedError(thrown));
  }
  return fresh;
}

function rowOf(tables: FeatureTables, row: number): ImageFeatures {
  return Object.fromEntries(
    Object.entries(tables).map(([kind, { width, values }]) => [
      kind,
      values.slice(row * width, (row + 1) * width),
    ]),
  );
}

/** The kinds that a checkpoint gives. */
export const kindsOf = ({ rows }: EncodedSplit): readonly FeatureKind[] =>
  Object.keys(rows[0] ?? {}) as FeatureKind[];

/** Features of one kind with their classes. Throws `ProbeInvalid` where the checkpoint does not give them. */
export function featuresOf({ rows, labels }: EncodedSplit, kind: FeatureKind): LabelledFeatures {
  const width = rows[0]?.[kind]?.length ?? 0;
  const values = new Float32Array(rows.length * width);
  rows.forEach((row, at) => {
    const own = row[kind];
    if (own?.length !== width || width === 0) {
      throw new NamedError(
        'ProbeInvalid',
        `This checkpoint gives no features of the kind ${kind}. Choose another kind.`,
      );
    }
    values.set(own, at * width);
  });
  const features: FeatureMatrix = { rows: rows.length, width, values };
  return { features, labels };
}
