/**
 * The port through which the sampler sees a checkpoint. It knows tokens and rows, nothing of
 * ONNX: the sampler is tested on toy engines, and another runtime would implement this.
 */

import type { RgbImage } from '../../src/core/types.ts';

/** Key-value cache of `rows` sequences of `length` tokens each. Owned by the engine that made it. */
export interface KvCache {
  readonly rows: number;
  readonly length: number;
  /** Bytes of all its tensors, wherever they live. */
  readonly sizeBytes: number;
}

export interface Prefill {
  /** Raw logits after the last prompt token, shape `[vocabSize]`. */
  readonly logits: Float32Array;
  readonly cache: KvCache;
}

export interface Step {
  /** Raw logits, row-major, shape `[rows, vocabSize]`. */
  readonly logits: Float32Array;
  readonly cache: KvCache;
}

export interface VlmEngine {
  readonly vocabSize: number;
  readonly endTokenIds: ReadonlySet<number>;
  /** Encodes the image and runs the prompt, batch 1. */
  prefill(image: RgbImage, promptText: string): Promise<Prefill>;
  /** Appends one token to every row; `tokenIds.length = cache.rows`. The old cache stays valid. */
  step(cache: KvCache, tokenIds: readonly number[]): Promise<Step>;
  /**
   * Appends several tokens, at least one, to the only row of a cache in one forward pass: what
   * `step` gives token by token. The old cache stays valid.
   */
  extend(cache: KvCache, tokenIds: readonly number[]): Promise<Prefill>;
  /** A new cache whose row i is row `rows[i]` of the old one, which stays valid. */
  gather(cache: KvCache, rows: readonly number[]): Promise<KvCache>;
  release(cache: KvCache): void;
  /** `true` when `decode` joins the tokens' bytes and reads them as UTF-8, nothing more. */
  readonly decodesBytes?: boolean;
  decode(tokenIds: readonly number[]): string;
  /** Token ids of a text; no special token is added. A sampled text can have had others. */
  encode(text: string): readonly number[];
  dispose(): Promise<void>;
}
