/**
 * The numeric self-test of a device: a small graph of the operators that decoders here depend on
 * (Gather, RMS norm, MatMulNBits, grouped-query attention over a prompt of 48 tokens and in a decode
 * step), against numbers that ONNX Runtime made on a CPU. It runs before a checkpoint is fetched.
 * `recipes/fixtures/self_test.py` made graph and reference and has the same formulas.
 */

import * as ort from 'onnxruntime-web/webgpu';
import type { SelfCheck } from '../../src/protocol/vlm.ts';
import operatorsUrl from './self-test/operators.onnx?url';
import reference from './self-test/operators.json';

/** Largest difference, as a share of the largest reference value. Right devices were seen at 1e-6. */
const TOLERANCE = 1e-3;

const KV_HEADS = 2;
const HEAD_DIM = 32;
const VOCABULARY = 16;

export const operatorsAddress = (): URL => new URL(operatorsUrl, self.location.href);

/**
 * Runs the operators on a device; `null` is wasm. `graph` is the file at `operatorsAddress`. Throws
 * what the runtime throws.
 */
export async function testOperators(
  device: GPUDevice | null,
  graph: Uint8Array,
): Promise<SelfCheck> {
  const startedAt = performance.now();
  const session = await ort.InferenceSession.create(graph, {
    executionProviders: device ? [{ name: 'webgpu', device }] : ['wasm'],
    // Warnings say only that shapes are computed on the CPU, as they should be.
    logSeverityLevel: 3,
  });
  try {
    const { promptLength, positions, decodeRows } = reference;
    const prompt = await outputOf(session, 1, promptLength, 0);
    const width = prompt.length / promptLength;
    const compared = positions.flatMap((at) => [...prompt.subarray(at * width, (at + 1) * width)]);
    const decode = await outputOf(session, decodeRows, 1, promptLength);
    const error = Math.max(
      relativeError(compared, floatsOf(reference.prompt)),
      relativeError(decode, floatsOf(reference.decode)),
    );
    return {
      passed: error <= TOLERANCE,
      maxAbsError: error,
      limit: TOLERANCE,
      elapsedMs: performance.now() - startedAt,
    };
  } finally {
    await session.release();
  }
}

async function outputOf(
  session: ort.InferenceSession,
  rows: number,
  length: number,
  past: number,
): Promise<Float32Array> {
  const ids = BigInt64Array.from({ length: rows * length }, (_, i) => BigInt((i * 5) % VOCABULARY));
  const mask = new BigInt64Array(rows * (past + length)).fill(1n);
  const cacheDims = [rows, KV_HEADS, past, HEAD_DIM];
  const cacheSize = rows * KV_HEADS * past * HEAD_DIM;
  const output = await session.run(
    {
      input_ids: new ort.Tensor('int64', ids, [rows, length]),
      attention_mask: new ort.Tensor('int64', mask, [rows, past + length]),
      'past.key': new ort.Tensor('float32', pattern(cacheSize, 7), cacheDims),
      'past.value': new ort.Tensor('float32', pattern(cacheSize, 8), cacheDims),
    },
    ['y'],
  );
  return (await output['y']?.getData(true)) as Float32Array;
}

/** Numbers in ±0.5 to the same bits as in Python: integers, then one division. */
function pattern(count: number, seed: number): Float32Array {
  return Float32Array.from(
    { length: count },
    (_, i) => (((i + 31 * seed) * 7919) % 1013) / 1013 - 0.5,
  );
}

function floatsOf(base64: string): Float32Array {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return new Float32Array(bytes.buffer);
}

/** Largest difference over the largest expected value; Infinity where a number is missing or none. */
function relativeError(found: ArrayLike<number>, expected: Float32Array): number {
  let difference = found.length === expected.length ? 0 : Infinity;
  let largest = 0;
  expected.forEach((value, i) => {
    const off = Math.abs((found[i] ?? NaN) - value);
    difference = Math.max(difference, Number.isNaN(off) ? Infinity : off);
    largest = Math.max(largest, Math.abs(value));
  });
  return difference / largest;
}
