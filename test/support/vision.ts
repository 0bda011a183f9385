/** Tiny random models that only see, with PyTorch's numbers (test/fixtures/vision/README.md). */

import type { VisionArchitecture } from '../../src/protocol/architectures.ts';
import type { RgbImage } from '../../src/core/types.ts';
import { ProgressMeter } from '../../workers/vlm/checkpoint-files.ts';
import { loadCheckpoint } from '../../workers/vlm/load.ts';
import { VisionEngine } from '../../workers/vlm/vision-engine.ts';
import { bytesOf, floatsOf, halvesOf } from './architectures.ts';

export const VISION_FOLDER = '/test/fixtures/vision/';

interface StoredCase {
  readonly width: number;
  readonly height: number;
  readonly image: string;
  readonly pixelShape: readonly number[];
  readonly pixelValues: string;
  readonly mean: string;
  readonly max: string;
}

export interface VisionCase {
  readonly image: RgbImage;
  readonly pixelShape: readonly number[];
  /** As Python's processor makes them, kept in 16 bits. */
  readonly pixelValues: Float32Array;
  /** PyTorch's last hidden state, pooled over the image's patches. */
  readonly mean: Float32Array;
  readonly max: Float32Array;
}

export async function visionCases(name: VisionArchitecture): Promise<readonly VisionCase[]> {
  const response = await fetch(`${VISION_FOLDER}${name}/expected.json`);
  const { items } = (await response.json()) as { readonly items: readonly StoredCase[] };
  return items.map((item) => ({
    image: { width: item.width, height: item.height, data: bytesOf(item.image) },
    pixelShape: item.pixelShape,
    pixelValues: halvesOf(item.pixelValues),
    mean: floatsOf(item.mean),
    max: floatsOf(item.max),
  }));
}

/** A fixture as the app loads a model that only sees. */
export async function loadVision(
  name: VisionArchitecture,
  device: 'wasm' | 'webgpu',
): Promise<VisionEngine> {
  const request = {
    source: { kind: 'folder', modelsUrl: new URL(VISION_FOLDER, location.href).href },
    checkpointId: name,
    dtype: { model: 'fp32' },
    device,
  } as const;
  const { signal } = new AbortController();
  const { engine } = await loadCheckpoint(request, new ProgressMeter(() => undefined), signal);
  if (engine instanceof VisionEngine) return engine;
  throw new Error(`${name} was loaded as a model that answers.`);
}
