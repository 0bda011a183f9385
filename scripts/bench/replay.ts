/**
 * The floor: bare `session.run` calls of the decoder over given rows and lengths, with inputs that
 * exist already. Nothing is drawn, moved or sent; the runtime's own copies are in it.
 */

import * as ort from 'onnxruntime-web/webgpu';
import type { TransformersEngine } from '../../workers/vlm/transformers-engine.ts';
import type { DecoderRun } from './types.ts';

/** Total milliseconds of the runs, inputs built before the clock starts for each. */
export async function replay(
  engine: TransformersEngine,
  runs: readonly DecoderRun[],
): Promise<number> {
  const session = engine['model'].sessions['decoder_model_merged'];
  if (!session) throw new Error('The checkpoint has no decoder session.');
  let totalMs = 0;
  for (const shape of runs) {
    const feeds = feedsOf(session, shape);
    const since = performance.now();
    const output = await session.run(feeds);
    totalMs += performance.now() - since;
    for (const tensor of [...Object.values(feeds), ...Object.values(output)]) {
      if (tensor.location === 'gpu-buffer') tensor.dispose();
    }
  }
  return totalMs;
}

function feedsOf(session: ort.InferenceSession, shape: DecoderRun): Record<string, ort.Tensor> {
  const { rows, length, positions } = shape;
  const symbols: Record<string, number> = {
    batch_size: rows,
    sequence_length: positions,
    total_sequence_length: length,
    past_sequence_length: length - positions,
  };
  return Object.fromEntries(
    session.inputMetadata.map((input) => {
      if (!input.isTensor) throw new Error(`${input.name} is not a tensor.`);
      const dims = input.shape.map((size) => (typeof size === 'number' ? size : sizeOf(size)));
      const count = dims.reduce((product, size) => product * size, 1);
      const tensor =
        input.type === 'int64'
          ? new ort.Tensor('int64', new BigInt64Array(count).fill(1n), dims)
          : new ort.Tensor('float32', noise(count), dims);
      return [input.name, tensor];
    }),
  );

  function sizeOf(symbol: string): number {
    const size = symbols[symbol];
    if (size === undefined) throw new Error(`The decoder has an unknown dimension, ${symbol}.`);
    return size;
  }
}

/** Ordinary numbers: zeros and denormals can be faster or slower than a model's. */
function noise(count: number): Float32Array {
  const values = new Float32Array(count);
  for (let at = 0; at < count; at += 1) values[at] = ((at * 7919) % 101) / 101 - 0.5;
  return values;
}
