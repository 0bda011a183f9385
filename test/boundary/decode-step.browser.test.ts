/**
 * What the engine does instead of the library, held against the library and against definitions: a
 * direct decode step, rows moved in JavaScript, weights widened at load time, images encoded once.
 */

import * as ort from 'onnxruntime-web/webgpu';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { libraryStep } from '../../workers/vlm/decode-step.ts';
import { createRowMover, TensorCache } from '../../workers/vlm/kv-cache.ts';
import type { Loaded } from '../../workers/vlm/load.ts';
import { widenWeights } from '../../workers/vlm/widen-weights.ts';
import { loadTinySft } from '../support/engine.ts';
import { storedItems } from '../support/fixtures.ts';

const STEP_TOLERANCE = 1e-5;
/** Two orders of the same sums, over logits of up to about 20. */
const WIDENED_TOLERANCE = 1e-4;
const DECODER = '/models/tiny-sft/onnx/decoder_model_merged_q4.onnx';

let loaded: Loaded;
beforeAll(async () => {
  loaded = await loadTinySft();
});
afterAll(() => loaded.engine.dispose());

const [item, otherItem] = storedItems;
if (!item || !otherItem) throw new Error('There are too few stored items.');

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let largest = 0;
  for (let i = 0; i < a.length; i += 1) {
    largest = Math.max(largest, Math.abs((a[i] ?? NaN) - (b[i] ?? NaN)));
  }
  return largest;
}

async function decoderFile(): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await (await fetch(DECODER)).arrayBuffer());
}

test('a direct step is the library’s forward, logits and cache', async () => {
  const { engine } = loaded;
  const throughLibrary = libraryStep(engine['model']);
  const prefill = await engine.prefill(item.image, item.userPrompt);
  let cache = (await engine.gather(prefill.cache, [0, 0, 0])) as TensorCache;
  for (const tokenIds of [
    [20, 400, 20],
    [7, 7, 900],
    [31, 12, 5],
  ]) {
    const expected = await throughLibrary(cache, tokenIds);
    const step = await engine.step(cache, tokenIds);
    const logits = expected['logits']?.data as Float32Array;
    expect(largestDifference(step.logits, logits)).toBeLessThan(STEP_TOLERANCE);
    cache = step.cache as TensorCache;
    for (const [name, tensor] of Object.entries(cache.entries)) {
      const twin = expected[name.replace('past_key_values', 'present')];
      expect(twin?.dims).toEqual(tensor.dims);
      const values = [tensor, twin].map((one) => one?.data as Float32Array);
      expect(largestDifference(values[0] ?? [], values[1] ?? [])).toBeLessThan(STEP_TOLERANCE);
    }
  }
});

test('widened weights give the same logits, and every product is widened', async () => {
  const file = await decoderFile();
  const widened = widenWeights(file);
  expect(new TextDecoder('latin1').decode(file)).toContain('MatMulNBits');
  expect(new TextDecoder('latin1').decode(widened)).not.toContain('MatMulNBits');
  const rows = 3;
  const past = 40;
  const wave = (count: number): Float32Array =>
    Float32Array.from({ length: count }, (_, i) => Math.sin(i * 0.37));
  const run = async (bytes: Uint8Array): Promise<Float32Array> => {
    const session = await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'] });
    const caches = session.inputNames.filter((name) => name.startsWith('past_key_values.'));
    const output = await session.run({
      inputs_embeds: new ort.Tensor('float32', wave(rows * 256), [rows, 1, 256]),
      attention_mask: new ort.Tensor('int64', new BigInt64Array(rows * (past + 1)).fill(1n), [
        rows,
        past + 1,
      ]),
      num_logits_to_keep: new ort.Tensor('int64', BigInt64Array.of(1n), []),
      ...Object.fromEntries(
        caches.map((name) => [
          name,
          new ort.Tensor('float32', wave(rows * 2 * past * 64), [rows, 2, past, 64]),
        ]),
      ),
    });
    await session.release();
    return output['logits']?.data as Float32Array;
  };
  const difference = largestDifference(await run(file), await run(widened));
  expect(difference).toBeLessThan(WIDENED_TOLERANCE);
});

test('weights above the limit, and files without four-bit weights, stay as they are', async () => {
  const file = await decoderFile();
  expect(widenWeights(file, 1000)).toBe(file);
  const response = await fetch('/models/tiny-sft/onnx/embed_tokens_quantized.onnx');
  const embeddings = new Uint8Array(await response.arrayBuffer());
  expect(widenWeights(embeddings)).toBe(embeddings);
});

test('an image is encoded once for all prompts about it', async () => {
  const { engine } = loaded;
  const vision = engine['model'].sessions['vision_encoder'];
  if (!vision) throw new Error('There is no vision encoder.');
  const { run } = vision;
  let encoded = 0;
  vision.run = ((...args: Parameters<typeof run>) => {
    encoded += 1;
    return Reflect.apply(run, vision, args) as ReturnType<typeof run>;
  }) as typeof run;
  const image = { ...item.image, data: item.image.data.map((value) => value ^ 1) };
  const first = await engine.prefill(image, item.userPrompt);
  const again = await engine.prefill(image, item.userPrompt);
  await engine.prefill(image, otherItem.userPrompt);
  expect(encoded).toBe(1);
  expect(largestDifference(first.logits, again.logits)).toBe(0);
  await engine.prefill({ ...image, data: image.data.map((value) => value ^ 2) }, item.userPrompt);
  expect(encoded).toBe(2);
  vision.run = run;
});

test('rows are moved in JavaScript as Gather moves them, and memory is used again only when free', async () => {
  const mover = await createRowMover(
    loaded.engine['model'].sessions['decoder_model_merged'] as never,
    null,
  );
  const name = 'past_key_values.0.key';
  const data = Float32Array.from({ length: 12 }, (_, i) => i);
  const cache = new TensorCache({ [name]: new ort.Tensor('float32', data, [3, 1, 2, 2]) }, 3, 2);
  const rowsOf = (moved: TensorCache): number[] => {
    const values = [...(moved.entries[name]?.data as Float32Array)];
    return values.flatMap((value, at) => {
      expect(value % 4).toBe(at % 4);
      return at % 4 === 0 ? [value / 4] : [];
    });
  };
  const moves = [[2, 0, 2, 1], [1, 2], [0], [2, 2, 0]];
  for (const rows of moves) {
    const moved = await mover.gather(cache, rows);
    expect(moved.entries[name]?.dims).toEqual([rows.length, 1, 2, 2]);
    expect(rowsOf(moved)).toEqual(rows);
    const twice = await mover.gather(moved, [0]);
    moved.release();
    expect(rowsOf(await mover.gather(cache, [1, 0, 2]))).toEqual([1, 0, 2]);
    expect(rowsOf(twice)).toEqual([rows[0]]);
    expect(() => moved.entries).toThrow('released');
  }
  expect(rowsOf(cache)).toEqual([0, 1, 2]);
});
