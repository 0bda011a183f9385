/**
 * A study of vision towers: each checkpoint's features of each set, and what a linear probe and nearest
 * neighbours make of them. Checkpoint after checkpoint, set after set; what is finished stays when it is
 * stopped, and features that were encoded are not encoded again.
 */

import type { FeatureKind, FeatureMatrix } from '../core/probe/features.ts';
import type { LinearProbeSettings } from '../core/probe/settings.ts';
import type { LinearProbeResult, NeighbourResult } from '../core/probe/studies.ts';
import { medmnistSet, type DatasetId } from '../data/medmnist.ts';
import { asNamedError, type NamedError } from '../protocol/errors.ts';
import type { ProbeBackend } from '../protocol/probe.ts';
import {
  encodeSplit,
  featuresOf,
  kindsOf,
  type EncodedSplit,
  type EncodePorts,
} from './encode-images.ts';
import { requireProbeImages, type ProbeImages } from './probe-images.ts';

export interface VisionSettings {
  /** Taken where a checkpoint gives it; else its like behind the projector. */
  readonly kind: FeatureKind;
  readonly linear: LinearProbeSettings;
  /** Nearest neighbours that vote. */
  readonly neighbours: number;
}

/** What a probe says of one checkpoint on one set. */
export interface VisionResult {
  readonly checkpointId: string;
  readonly dataset: DatasetId;
  readonly settings: VisionSettings;
  /** The kind that was probed. */
  readonly kind: FeatureKind;
  readonly width: number;
  readonly images: { readonly train: number; readonly val: number; readonly test: number };
  /** Of the test images, in the order of `said` and `scores`. */
  readonly sha256s: readonly string[];
  readonly labels: Int32Array;
  /** Of the test images, for a map of them. */
  readonly features: FeatureMatrix;
  readonly linear: LinearProbeResult;
  /** What the same probe says of the test images when it is trained with the next seed: the A/A null of a change. */
  readonly secondSeed: Int32Array;
  readonly nearest: NeighbourResult;
}

export interface StudyFailure {
  readonly checkpointId: string;
  /** `null` where the checkpoint itself failed. */
  readonly dataset: DatasetId | null;
  readonly error: NamedError;
}

export interface StudyStep {
  readonly phase: 'loading' | 'encoding' | 'probing';
  readonly checkpointId: string;
  readonly dataset: DatasetId;
}

export interface StudyPorts extends Pick<EncodePorts, 'store' | 'signal' | 'onNotKept'> {
  readonly probes: ProbeBackend;
  readonly weights: (checkpointId: string) => Promise<string>;
  /** Loads the checkpoint where it is not loaded. */
  readonly encode: (
    checkpointId: string,
    ...rest: Parameters<EncodePorts['encode']>
  ) => ReturnType<EncodePorts['encode']>;
  readonly onStep: (step: StudyStep) => void;
  readonly onImages: EncodePorts['onImages'];
  readonly onResult: (result: VisionResult) => void;
  readonly onFailure: (failure: StudyFailure) => void;
}

/** Of one checkpoint. */
type OwnPorts = Omit<StudyPorts, 'weights'> & Pick<EncodePorts, 'weights'>;

/** Errors of a checkpoint that every further set would meet as well. */
const OF_THE_CHECKPOINT: ReadonlySet<string> = new Set([
  'CheckpointMissing',
  'CheckpointInvalid',
  'CheckpointUnsupported',
  'SelfCheckFailed',
  'DeviceUnavailable',
  'AccessDenied',
  'NetworkFailed',
  'OutOfMemory',
]);

/** @throws NamedError `Cancelled` */
export async function studyVision(
  checkpointIds: readonly string[],
  sets: readonly ProbeImages[],
  settings: VisionSettings,
  ports: StudyPorts,
): Promise<void> {
  for (const checkpointId of checkpointIds) {
    // The same for all of its sets and splits: a server is asked once.
    let known: Promise<string> | null = null;
    const own = { ...ports, weights: () => (known ??= ports.weights(checkpointId)) };
    for (const images of sets) {
      try {
        ports.onResult(await studyOne(checkpointId, images, settings, own));
      } catch (thrown) {
        const error = asNamedError(thrown);
        if (error.name === 'Cancelled') throw error;
        const isItsOwn = OF_THE_CHECKPOINT.has(error.name);
        ports.onFailure({ checkpointId, dataset: isItsOwn ? null : images.dataset, error });
        if (isItsOwn) break;
      }
    }
  }
}

async function studyOne(
  checkpointId: string,
  images: ProbeImages,
  settings: VisionSettings,
  ports: OwnPorts,
): Promise<VisionResult> {
  const { dataset, splits } = images;
  const { signal } = ports;
  requireProbeImages(images);
  ports.onStep({ phase: 'encoding', checkpointId, dataset });
  const encodePorts: EncodePorts = {
    ...ports,
    encode: (pixels, stop) => ports.encode(checkpointId, pixels, stop),
  };
  const encode = async (split: ProbeImages['splits']['train']): Promise<EncodedSplit | null> =>
    split === null || split.labels.length === 0 ? null : encodeSplit(split, encodePorts);
  const train = await encode(splits.train);
  const val = await encode(splits.val);
  const test = await encode(splits.test);
  if (train === null || test === null) throw new RangeError('A probe needs train and test.');
  ports.onStep({ phase: 'probing', checkpointId, dataset });
  const kind = kindFor(settings.kind, kindsOf(test));
  const sets = {
    classes: medmnistSet(dataset).labels.length,
    train: featuresOf(train, kind),
    val: val && featuresOf(val, kind),
    test: featuresOf(test, kind),
  };
  const calls = { signal, onStep: () => undefined };
  const linear = await ports.probes.linearProbe(sets, settings.linear, calls);
  const again = { ...settings.linear, seed: (settings.linear.seed + 1) % 2 ** 32 };
  const second = await ports.probes.linearProbe(sets, again, calls);
  const nearest = await ports.probes.neighbours(sets, settings.neighbours, calls);
  return {
    checkpointId,
    dataset,
    settings,
    kind,
    width: sets.test.features.width,
    images: { train: train.rows.length, val: val?.rows.length ?? 0, test: test.rows.length },
    sha256s: test.sha256s,
    labels: test.labels,
    features: sets.test.features,
    linear,
    secondSeed: second.said,
    nearest,
  };
}

/** Before the projector where the graph shows it, else behind it. */
function kindFor(wanted: FeatureKind, given: readonly FeatureKind[]): FeatureKind {
  const pooling = wanted.endsWith('max') ? 'max' : 'mean';
  const order: readonly FeatureKind[] = [wanted, `tower-${pooling}`, `projector-${pooling}`];
  return order.find((kind) => given.includes(kind)) ?? wanted;
}
