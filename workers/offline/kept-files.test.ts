import { expect, test } from 'vitest';
import { binaryFile, keptAhead, keptAtUse } from './kept-files.ts';

const named = (url: string) => ({ url, revision: url.startsWith('assets/') ? null : 'a1' });

const JSPI = named('assets/ort-wasm-simd-threaded.jspi-CP6SXO_B.wasm');
const ASYNCIFY = named('assets/ort-wasm-simd-threaded.asyncify-CxOG5pUO.wasm');
// A hash may begin like the name of another binary.
const CPU = named('assets/ort-wasm-simd-threaded-jspi7i3-.wasm');
const FULL = named('models/tiny-sft/onnx/decoder_model_merged.onnx');
const AHEAD = [
  'index.html',
  'assets/ort-wasm-simd-threaded.jspi-BoEwGRw5.mjs',
  'assets/operators-BAPh8Prk.onnx',
  'models/tiny-sft/onnx/decoder_model_merged_q4.onnx',
  'models/tiny-sft/onnx/vision_encoder_quantized.onnx',
  'models/tiny-vision/onnx/model_quantized.onnx',
  'runs/family.jsonl.gz',
].map(named);
const files = [...AHEAD, JSPI, ASYNCIFY, CPU, FULL];

test('all but the binaries and the weights in full precision is kept ahead', () => {
  expect(keptAhead(files)).toEqual(AHEAD);
  expect(keptAtUse(files)).toEqual([JSPI, ASYNCIFY, CPU, FULL]);
});

test('each binary has its file', () => {
  expect(binaryFile(files, 'jspi')).toBe(JSPI);
  expect(binaryFile(files, 'asyncify')).toBe(ASYNCIFY);
  expect(binaryFile(files, 'cpu')).toBe(CPU);
  expect(() => binaryFile(AHEAD, 'jspi')).toThrow('no jspi binary');
});
