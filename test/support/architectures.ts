/** Tiny random checkpoints with PyTorch's numbers (test/fixtures/architectures/README.md). */

import { expect } from 'vitest';
import type { RgbImage } from '../../src/core/types.ts';
import { ProgressMeter } from '../../workers/vlm/checkpoint-files.ts';
import { loadVlm, type Loaded } from '../../workers/vlm/load.ts';
import type { TransformersEngine } from '../../workers/vlm/transformers-engine.ts';

/** Folders of the fixtures. */
export const ARCHITECTURES = [
  'idefics3',
  'smolvlm',
  'gemma3',
  'qwen2_vl',
  'qwen2_5_vl',
  'qwen3_vl',
  'llava_onevision',
];

const FOLDER = '/test/fixtures/architectures/';

interface StoredCase {
  readonly width: number;
  readonly height: number;
  readonly image: string;
  readonly promptIds: readonly number[];
  readonly pixelShape: readonly number[];
  readonly pixelValues: string;
  readonly prefill: string;
  readonly stepTokens: readonly (readonly number[])[];
  readonly steps: string;
}

export interface ArchitectureCase {
  readonly image: RgbImage;
  readonly promptIds: readonly number[];
  readonly pixelShape: readonly number[];
  /** As Python's processor makes them, kept in 16 bits. */
  readonly pixelValues: Float32Array;
  /** Logits after the prompt, `[vocabSize]`. */
  readonly prefill: Float32Array;
  /** What each of four rows goes on with, `[rows][steps]`. */
  readonly stepTokens: readonly (readonly number[])[];
  /** Logits after each of those tokens, `[steps][rows]`. */
  readonly steps: readonly (readonly Float32Array[])[];
}

export interface ArchitectureFixture {
  readonly prompt: string;
  readonly cases: readonly ArchitectureCase[];
}

export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

export const floatsOf = (base64: string): Float32Array => new Float32Array(bytesOf(base64).buffer);

export function halvesOf(base64: string): Float32Array {
  return Float32Array.from(new Uint16Array(bytesOf(base64).buffer), (bits) => {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    return exponent === 0
      ? sign * fraction * 2 ** -24
      : sign * (1024 + fraction) * 2 ** (exponent - 25);
  });
}

/** What PyTorch computes for one fixture. */
export async function architectureFixture(name: string): Promise<ArchitectureFixture> {
  const stored = (await (await fetch(`${FOLDER}${name}/expected.json`)).json()) as {
    prompt: string;
    vocabSize: number;
    items: readonly StoredCase[];
  };
  const cases = stored.items.map((item) => {
    const steps = floatsOf(item.steps);
    const rows = item.stepTokens.length;
    const row = (at: number): Float32Array =>
      steps.subarray(at * stored.vocabSize, (at + 1) * stored.vocabSize);
    return {
      image: { width: item.width, height: item.height, data: bytesOf(item.image) },
      promptIds: item.promptIds,
      pixelShape: item.pixelShape,
      pixelValues: halvesOf(item.pixelValues),
      prefill: floatsOf(item.prefill),
      stepTokens: item.stepTokens,
      steps: Array.from({ length: item.stepTokens[0]?.length ?? 0 }, (_, step) =>
        item.stepTokens.map((__, at) => row(step * rows + at)),
      ),
    };
  });
  return { prompt: stored.prompt, cases };
}

/** A fixture as the app loads a checkpoint. */
export async function loadArchitecture(
  name: string,
  device: 'wasm' | 'webgpu',
  dtype: 'fp32' | 'q4' = 'fp32',
): Promise<Loaded> {
  const request = {
    source: { kind: 'folder', modelsUrl: new URL(FOLDER, location.href).href },
    checkpointId: name,
    dtype: { vision_encoder: dtype, embed_tokens: dtype, decoder_model_merged: dtype },
    device,
  } as const;
  return loadVlm(request, new ProgressMeter(() => undefined), new AbortController().signal);
}

export function largest(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

export function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a).toHaveLength(b.length);
  return a.reduce((most, value, at) => Math.max(most, Math.abs(value - (b[at] ?? NaN))), 0);
}

/** The largest error of a case along its tokens, all rows in one batch, relative to its largest logit. */
export async function errorAlong(
  engine: TransformersEngine,
  prompt: string,
  { image, prefill, stepTokens, steps }: ArchitectureCase,
  rows: number,
): Promise<number> {
  const scale = Math.max(largest(prefill), ...steps.flat().map(largest));
  const start = await engine.prefill(image, prompt);
  let worst = largestDifference(start.logits, prefill);
  let cache = await engine.gather(start.cache, new Array<number>(rows).fill(0));
  for (const [at, expected] of steps.entries()) {
    const step = await engine.step(
      cache,
      stepTokens.slice(0, rows).map((tokens) => tokens[at] ?? 0),
    );
    engine.release(cache);
    cache = step.cache;
    const size = step.logits.length / rows;
    for (let row = 0; row < rows; row += 1) {
      const found = step.logits.subarray(row * size, (row + 1) * size);
      worst = Math.max(worst, largestDifference(found, expected[row] ?? new Float32Array()));
    }
  }
  engine.release(cache);
  engine.release(start.cache);
  return worst / scale;
}
