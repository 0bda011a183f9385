/**
 * What we call on a transformers.js model and processor; the library's own types leave these open.
 * Types only, and the two places where the library's ways are replaced: pixels and encoded images.
 */

import { Tensor, type RawImage } from '@huggingface/transformers';
import type * as ort from 'onnxruntime-web/webgpu';
import type { RgbImage } from '../../src/core/types.ts';
import { anyresTokens } from './anyres.ts';
import { imageProcessorFor } from './image-processors.ts';
import type { ModelPixels, PixelConfig } from './preprocess.ts';
import { RecentCache } from './recent-cache.ts';

export type LibraryTensors = Record<string, Tensor>;
export type Session = ort.InferenceSession & { config?: { dtype?: string } };

export interface ForwardModel {
  (inputs: Record<string, unknown>): Promise<LibraryTensors>;
  readonly config: Record<string, unknown>;
  readonly generation_config?: Record<string, unknown> | null;
  readonly sessions: Record<string, Session>;
  /** Position ids of a prompt and what follows it, where the decoder has M-RoPE. */
  get_rope_index?(
    inputIds: Tensor | undefined,
    imageGrid: Tensor | undefined,
    videoGrid: undefined,
    attentionMask: Tensor | undefined,
  ): [Tensor, Tensor];
  /** Called by the library's forward pass for a prompt with an image. */
  encode_image(inputs: LibraryTensors): Promise<Tensor>;
  dispose(): Promise<unknown>;
}

export interface LoadedProcessor {
  (text: string, image: RawImage): Promise<LibraryTensors>;
  apply_chat_template(messages: unknown, options: Record<string, unknown>): string;
  readonly components: Record<string, unknown>;
  /** `processor_config.json`. */
  readonly config?: { readonly image_token?: string };
  readonly image_processor: {
    (image: RawImage): Promise<LibraryTensors>;
    readonly config: PixelConfig;
  };
  readonly tokenizer: {
    (text: string): LibraryTensors;
    decode(ids: number[], options: Record<string, unknown>): string;
    encode(text: string, options: Record<string, unknown>): number[];
    readonly bos_token?: string | null;
    readonly eos_token_id?: number;
    readonly _tokenizer?: { readonly decoder?: { readonly config?: { readonly type?: string } } };
  };
}

/** Encoded images kept for other prompts about them. */
const FEATURES_LIMIT_BYTES = 32 * 2 ** 20;

/** From an image to the inputs of the vision session. Throws `CheckpointInvalid` for unknown processors. */
export function pixelTensors(config: PixelConfig): (image: RgbImage) => LibraryTensors {
  const process = imageProcessorFor(config);
  return (image) => tensorsOf(process(image, config));
}

function tensorsOf({ pixels, dims, grid, tiles, layout }: ModelPixels): LibraryTensors {
  const maskDims = [...dims.slice(0, 2), ...dims.slice(3)];
  const mask = new Uint8Array(maskDims.reduce((size, dim) => size * dim, 1)).fill(1);
  return {
    pixel_values: new Tensor('float32', pixels, [...dims]),
    ...(grid && {
      image_grid_thw: new Tensor('int64', BigInt64Array.from(grid, BigInt), [1, 3]),
    }),
    ...(layout && {
      image_layout: new Tensor('int64', BigInt64Array.from(layout, BigInt), [1, layout.length]),
    }),
    ...(tiles && { pixel_attention_mask: new Tensor('bool', mask, maskDims) }),
  };
}

/** Puts our pixels where the library's image processor would resize on a canvas, and gives them out. */
export function installPixelPath(processor: LoadedProcessor): ReturnType<typeof pixelTensors> {
  const config = processor.image_processor.config;
  const process = imageProcessorFor(config);
  processor.components['image_processor'] = Object.assign(
    (image: RawImage) => {
      const rgb = { width: image.width, height: image.height, data: Uint8Array.from(image.data) };
      const made = process(rgb, config);
      const { tiles } = made;
      return Promise.resolve({
        ...tensorsOf(made),
        ...(tiles && { rows: [[tiles.rows]], cols: [[tiles.columns]] }),
      });
    },
    { config },
  );
  return pixelTensors(config);
}

/**
 * Token ids, attention mask and pixels of a prompt. The library's processors put in as many image tokens as
 * the pixels need; its one for Llava counts one tile, so there the tokens are put in here.
 */
export async function promptTensors(
  processor: LoadedProcessor,
  text: string,
  image: RawImage,
): Promise<LibraryTensors> {
  const { config } = processor.image_processor;
  if (config.num_image_tokens === undefined) return processor(text, image);
  const { image_token: token = '<image>' } = processor.config ?? {};
  const full = text.replace(token, token.repeat(anyresTokens(image, config)));
  return { ...(await processor.image_processor(image)), ...processor.tokenizer(full) };
}

/**
 * Encodes each image once: the library's forward pass finds the features of a known image, whatever
 * the prompt, and merges them into the prompt as always. They lie in the worker's memory on every
 * device, because the merging is done there.
 */
export function rememberImages(model: ForwardModel): void {
  const encode = model.encode_image.bind(model);
  const known = new RecentCache<LibraryTensors, Tensor>(FEATURES_LIMIT_BYTES, sameImage);
  model.encode_image = async (inputs) => {
    const found = known.get(inputs);
    if (found) return found;
    const features = await encode(inputs);
    const { pixel_values: pixels, image_grid_thw: grid, image_layout: layout } = inputs;
    if (pixels && features.location === 'cpu') {
      const key = {
        pixel_values: pixels,
        ...(grid && { image_grid_thw: grid }),
        ...(layout && { image_layout: layout }),
      };
      known.add(key, features, bytesOf(pixels) + bytesOf(features));
    }
    return features;
  };
}

const bytesOf = (tensor: Tensor): number => (tensor.data as Float32Array).byteLength;

/** Patches alone do not tell a wide image from a tall one: the grid or the layout does. */
function sameImage(a: LibraryTensors, b: LibraryTensors): boolean {
  return ['pixel_values', 'image_grid_thw', 'image_layout'].every((name) =>
    sameTensor(a[name], b[name]),
  );
}

function sameTensor(a: Tensor | undefined, b: Tensor | undefined): boolean {
  if (!a || !b) return a === b;
  const [left, right] = [a.data as Float32Array, b.data as Float32Array];
  if (a.dims.join() !== b.dims.join()) return false;
  for (let i = 0; i < left.length; i += 1) if (left[i] !== right[i]) return false;
  return true;
}
