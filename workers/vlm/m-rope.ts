/**
 * Position ids of decoders with M-RoPE (the Qwen-VL kinds), shape `[3, rows, positions]`: frame, row and
 * column. An image of many tokens moves them on by its longer side only, so behind it the next id is not
 * the length. The library counts them for a prompt; what they are after it is carried with the cache.
 */

import type { Tensor } from '@huggingface/transformers';
import * as ort from 'onnxruntime-web/webgpu';
import type { TensorCache } from './kv-cache.ts';
import type { ForwardModel, LibraryTensors } from './transformers-model.ts';

export interface PromptPositions {
  readonly positionIds: Tensor;
  /** Id of the next position, less the prompt's length. */
  readonly offset: number;
}

/** Whether the decoder asks for position ids of three kinds. */
export function takesMrope(decoder: ort.InferenceSession | undefined): boolean {
  const input = decoder?.inputMetadata.find(({ name }) => name === 'position_ids');
  return input?.isTensor === true && input.shape.length === 3;
}

/** The ids of a prompt of one row; `null` where the decoder takes none. */
export function promptPositions(
  model: ForwardModel,
  inputs: LibraryTensors,
): PromptPositions | null {
  if (!takesMrope(model.sessions['decoder_model_merged']) || !model.get_rope_index) return null;
  const [positionIds, deltas] = model.get_rope_index(
    inputs['input_ids'],
    inputs['image_grid_thw'],
    undefined,
    inputs['attention_mask'],
  );
  return { positionIds, offset: Number(deltas.data[0] ?? 0) };
}

/** Ids of `added` text positions after every row of a cache. */
export function mropeAfter({ rows, length, positionOffset }: TensorCache, added: number) {
  const first = length + positionOffset;
  const ids = BigInt64Array.from({ length: 3 * rows * added }, (_, at) =>
    BigInt(first + (at % added)),
  );
  return new ort.Tensor('int64', ids, [3, rows, added]);
}
