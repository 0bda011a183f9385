/**
 * Probe as an address: `#/probe?set=bloodmnist&checkpoint=tiny-sft,tiny-rl&features=tower-mean&run=…`. Pure.
 */

import { FEATURE_KINDS, type FeatureKind } from '../core/probe/features.ts';
import { SMALL_SET_PROBE, type LinearProbeSettings } from '../core/probe/settings.ts';
import { isDatasetId, type DatasetId } from '../data/medmnist.ts';
import type { DevicePreference } from '../protocol/vlm.ts';

export interface ProbeLink {
  /** `null` for all that ship with the page. */
  readonly sets: readonly DatasetId[] | null;
  /** `null` for all that are built in. */
  readonly checkpoints: readonly string[] | null;
  readonly kind: FeatureKind;
  readonly linear: LinearProbeSettings;
  /** The run whose answers stand beside; `null` for the one that is open. */
  readonly runId: string | null;
  readonly device: DevicePreference;
}

const DEVICES: readonly DevicePreference[] = ['auto', 'webgpu', 'wasm'];

const NUMBERS = {
  learningRate: 'lr',
  batchSize: 'batch',
  epochs: 'epochs',
  seed: 'seed',
} as const satisfies Record<keyof LinearProbeSettings, string>;

/** What is missing or unknown is the default; numbers out of range stay, and are named on the page. */
export function parseProbeLink(hash: string): ProbeLink {
  const query = new URLSearchParams(hash.split('?')[1] ?? '');
  const list = (key: string): readonly string[] | null =>
    query
      .get(key)
      ?.split(',')
      .filter((part) => part !== '') ?? null;
  const number = (key: keyof LinearProbeSettings): number => {
    const text = query.get(NUMBERS[key])?.trim() ?? '';
    const value = Number(text);
    return text === '' || Number.isNaN(value) ? SMALL_SET_PROBE[key] : value;
  };
  return {
    sets: list('set')?.filter(isDatasetId) ?? null,
    checkpoints: list('checkpoint'),
    kind: FEATURE_KINDS.find((kind) => kind === query.get('features')) ?? 'tower-mean',
    linear: {
      learningRate: number('learningRate'),
      batchSize: number('batchSize'),
      epochs: number('epochs'),
      seed: number('seed'),
    },
    runId: query.get('run'),
    device: DEVICES.find((one) => one === query.get('device')) ?? 'auto',
  };
}

export function formatProbeLink({
  sets,
  checkpoints,
  kind,
  linear,
  runId,
  device,
}: ProbeLink): string {
  const parts = [
    sets === null ? '' : `set=${sets.join(',')}`,
    checkpoints === null
      ? ''
      : `checkpoint=${checkpoints.map((id) => encodeURIComponent(id)).join(',')}`,
    kind === 'tower-mean' ? '' : `features=${kind}`,
    ...Object.entries(NUMBERS).map(([field, key]) => {
      const value = linear[field as keyof LinearProbeSettings];
      return value === SMALL_SET_PROBE[field as keyof LinearProbeSettings]
        ? ''
        : `${key}=${String(value)}`;
    }),
    runId === null ? '' : `run=${encodeURIComponent(runId)}`,
    device === 'auto' ? '' : `device=${device}`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? '#/probe' : `#/probe?${parts.join('&')}`;
}
