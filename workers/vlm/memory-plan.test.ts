import { expect, test } from 'vitest';
import { filesTooLarge } from '../../src/protocol/file-limits.ts';
import { LARGEST_STEP_ROWS, rowsThatFit, type MemoryLimits } from './memory-plan.ts';

/** 4 layers, 2 key-value heads of 64, fp32: 2 · 4 · 2 · 64 · 4 bytes. */
const TINY = { positionBytes: 4096, cacheTensors: 8, length: 160, vocabSize: 952 };
const ROW_BYTES = 5 * 4096 * 160 + 2 * 952 * 4;
const limitsOf = (limits: Partial<MemoryLimits>): MemoryLimits => ({
  totalBytes: Infinity,
  tensorBytes: null,
  weightsBytes: null,
  ...limits,
});

test.each([
  ['exactly 10 rows', 10 * ROW_BYTES, 10],
  ['a byte less', 10 * ROW_BYTES - 1, 9],
  ['less than one row', ROW_BYTES - 1, 0],
])('wasm memory for %s', (_, totalBytes, rows) => {
  expect(rowsThatFit(TINY, limitsOf({ totalBytes }), 'wasm')).toBe(rows);
});

test('WebGPU holds fewer copies than wasm', () => {
  const limits = limitsOf({ totalBytes: 10 * ROW_BYTES });
  expect(rowsThatFit(TINY, limits, 'webgpu')).toBe(16);
});

test('a single tensor limits the rows: the cache where it is long, else the logits', () => {
  const tensorBytes = 7 * 512 * 160;
  expect(rowsThatFit(TINY, limitsOf({ tensorBytes }), 'webgpu')).toBe(7);
  const wide = { ...TINY, vocabSize: 150_000 };
  expect(rowsThatFit(wide, limitsOf({ tensorBytes: 3 * 600_000 }), 'webgpu')).toBe(3);
});

test('there is a largest step however much memory there is', () => {
  expect(rowsThatFit(TINY, limitsOf({}), 'wasm')).toBe(LARGEST_STEP_ROWS);
});

test('files are compared with what a device allows before they are fetched', () => {
  const embeddings = { path: 'onnx/embed_tokens.onnx', sizeBytes: 300 * 2 ** 20 };
  const decoder = { path: 'onnx/decoder_model_merged_q4.onnx', sizeBytes: 900 * 2 ** 20 };
  const files = [embeddings, decoder];
  expect(filesTooLarge(files, limitsOf({}))).toBeNull();
  expect(filesTooLarge(files, limitsOf({ tensorBytes: 301 * 2 ** 20 }))).toBeNull();
  expect(filesTooLarge(files, limitsOf({ tensorBytes: 256 * 2 ** 20 }))).toBe(
    'onnx/embed_tokens.onnx takes 300 MiB, and this device allows 256 MiB in one piece',
  );
  expect(filesTooLarge(files, limitsOf({ weightsBytes: 1000 * 2 ** 20 }))).toBe(
    'its files take 1200 MiB, and this device allows 1000 MiB',
  );
  const huge = { path: 'onnx/decoder_model_merged.onnx', sizeBytes: 3 * 2 ** 30 };
  expect(filesTooLarge([huge], limitsOf({}))).toContain('3072 MiB');
});
