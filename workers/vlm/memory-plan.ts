/**
 * How much a checkpoint and its samples take, computed before anything is downloaded or sampled, and
 * how many rows a forward pass may have. Pure; `device.ts` knows what a device allows.
 */

import type { FileLimits } from '../../src/protocol/file-limits.ts';

/** What a device allows, bytes; `null` where nothing is known to limit it. */
export interface MemoryLimits extends FileLimits {
  /** Everything that a forward pass holds at once. */
  readonly totalBytes: number;
}

/** What one row needs. */
export interface RowNeed {
  /** Bytes of one position of one row in the cache: 2 · layers · kvHeads · headDim · bytes. */
  readonly positionBytes: number;
  /** Cache tensors among which these are divided: 2 · layers. */
  readonly cacheTensors: number;
  /** Positions at the end: prompt and new tokens. */
  readonly length: number;
  readonly vocabSize: number;
}

/**
 * Copies of a cache alive in one step: what it came from, its rows in their new order, and the new
 * one; on wasm two more, because the runtime copies inputs and outputs through its own heap.
 */
const CACHE_COPIES = { webgpu: 3, wasm: 5 } as const;
const LOGITS_COPIES = 2;
const LOGIT_BYTES = 4;

/**
 * More rows than this gain nothing on a device (a step takes as many times longer), and Stop is heard
 * between steps.
 */
export const LARGEST_STEP_ROWS = 256;

/** Rows of one forward pass that fit; 0 when not even one does. */
export function rowsThatFit(
  { positionBytes, cacheTensors, length, vocabSize }: RowNeed,
  { totalBytes, tensorBytes }: MemoryLimits,
  kind: 'webgpu' | 'wasm',
): number {
  const cacheBytes = positionBytes * length;
  const logitsBytes = vocabSize * LOGIT_BYTES;
  const rowBytes = CACHE_COPIES[kind] * cacheBytes + LOGITS_COPIES * logitsBytes;
  const largestTensor = Math.max(cacheBytes / cacheTensors, logitsBytes);
  const byTensor = tensorBytes === null ? Infinity : tensorBytes / largestTensor;
  return Math.floor(Math.min(totalBytes / rowBytes, byTensor, LARGEST_STEP_ROWS));
}
