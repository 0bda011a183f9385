/** The hand-written gather graph does what `Gather` on axis 0 does, for every cache tensor at once. */

import * as ort from 'onnxruntime-web/webgpu';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gatheredName, gatherGraph, ROWS_INPUT } from '../../workers/vlm/gather-graph.ts';
import type { Loaded } from '../../workers/vlm/load.ts';
import { loadTinySft } from '../support/engine.ts';

let loaded: Loaded;
beforeAll(async () => {
  // Sets up the runtime's binary; the graph below is run by itself.
  loaded = await loadTinySft();
});
afterAll(() => loaded.engine.dispose());

test('rows are moved, doubled and dropped', async () => {
  const names = ['past_key_values.0.key', 'past_key_values.0.value'];
  const graph = gatherGraph(names.map((name) => ({ name, type: 'float32', rank: 4 })));
  const session = await ort.InferenceSession.create(graph, { executionProviders: ['wasm'] });
  const tensor = (offset: number) =>
    new ort.Tensor(
      'float32',
      Float32Array.from({ length: 12 }, (_, i) => i + offset),
      [3, 1, 2, 2],
    );
  const rows = new ort.Tensor('int64', BigInt64Array.from([2n, 0n, 2n, 1n]), [4]);
  const output = await session.run({
    [names[0] ?? '']: tensor(0),
    [names[1] ?? '']: tensor(100),
    [ROWS_INPUT]: rows,
  });
  names.forEach((name, at) => {
    const gathered = output[gatheredName(name)];
    expect(gathered?.dims).toEqual([4, 1, 2, 2]);
    const expected = [2, 0, 2, 1].flatMap((row) => [0, 1, 2, 3].map((i) => row * 4 + i + at * 100));
    expect([...(gathered?.data as Float32Array)]).toEqual(expected);
  });
  await session.release();
});
