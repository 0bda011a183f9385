/** From the state's images and load progress to what the left side of Explore shows. Pure. */

import type { RgbImage } from '../../core/types.ts';
import type { Explore } from '../../state/explore.svelte.ts';
import type { ImageCollection } from '../../state/image-gallery.svelte.ts';
import type { RunSession } from '../../state/run-session.svelte.ts';
import type {
  CheckpointFacts,
  CheckpointState,
  GalleryItem,
  ImageFacts,
  PixelSource,
} from './explore-types.ts';

export const pixelsOf = (image: RgbImage): PixelSource => ({ kind: 'rgb', image });

export function itemsOf(collection: ImageCollection | null): readonly GalleryItem[] {
  return (collection?.images ?? []).map(({ id, label, thumbnail }) => ({
    id,
    label,
    pixels: pixelsOf(thumbnail),
  }));
}

/** Caption of the chosen image. */
export function imageFacts(explore: Explore): ImageFacts | null {
  const { chosen } = explore.gallery;
  if (chosen === null) return null;
  const { split, index, width, height, name } = chosen.source;
  return {
    name: explore.chosenSet?.name ?? name,
    split,
    index,
    width,
    height,
    licence: explore.chosenSet?.license ?? null,
  };
}

/** Name, size and licence of the checkpoint, before any download. */
export function checkpointFacts(session: RunSession): CheckpointFacts {
  const { id, name, stage, license, dtype } = session.backend.checkpoint;
  const types = [...new Set(Object.values(dtype))].join(' + ');
  const { sizeBytes } = session;
  return { id, name, stage, dtype: types, sizeBytes, licence: license };
}

/** State of the one checkpoint. A failure to sample is not a failure to load. */
export function checkpointState(session: RunSession): CheckpointState {
  const { loadProgress, status, answerer, error } = session;
  if (status === 'loading' && loadProgress) {
    const { loadedBytes, totalBytes, elapsedMs } = loadProgress;
    const rate = elapsedMs > 500 ? loadedBytes / (elapsedMs / 1000) : null;
    return {
      kind: 'loading',
      loadedBytes,
      totalBytes: totalBytes ?? 0,
      bytesPerSecond: rate,
      remainingSeconds: rate && totalBytes ? Math.max(0, totalBytes - loadedBytes) / rate : null,
    };
  }
  if (answerer) return { kind: 'ready' };
  return status === 'error' && error
    ? { kind: 'failed', message: error.message }
    : { kind: 'absent' };
}

/** Words of the device badge: what runs, whether it was checked, and why nothing faster. */
export function deviceWords(session: RunSession): {
  readonly label: string;
  readonly checked: boolean | null;
  readonly detail: string;
} {
  const { device } = session;
  if (device === null) return { label: 'no checkpoint loaded', checked: null, detail: '' };
  const threads = device.threads === 1 ? '1 thread' : `${String(device.threads)} threads`;
  const label = device.kind === 'webgpu' ? 'WebGPU' : `wasm, ${threads}`;
  const error = device.selfCheck?.maxAbsError.toPrecision(2);
  return {
    label,
    checked: device.selfCheck?.passed ?? null,
    detail: [
      device.adapter ?? '',
      `${device.binary} build`,
      error === undefined
        ? ''
        : `first-token log-probabilities within ${error} nat of the reference`,
      device.reason,
    ]
      .filter((part) => part !== '')
      .join(' · '),
  };
}
