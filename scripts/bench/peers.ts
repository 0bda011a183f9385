/**
 * What users of transformers.js do for K answers: `generate()` K times, or once with the inputs K
 * times (`num_return_sequences` does not branch in 4.3.1). Same files, binary, prompt, pixels, temperature
 * and stop as ours; `top_k: 0`, because its default would sample another distribution. The model is
 * loaded as the library loads it, without what our engine does to it.
 */

import {
  AutoModelForImageTextToText,
  env,
  StoppingCriteria,
  Tensor,
} from '@huggingface/transformers';
import type { LoadRequest } from '../../src/protocol/vlm.ts';
import type { TransformersEngine } from '../../workers/vlm/transformers-engine.ts';

const CLOSING_TAG = '</answer>';
/** Tokens of the end of a text that can hold the closing tag: one per byte at most. */
const TAG_TOKENS = 10;

interface GenerateSettings {
  readonly temperature: number;
  readonly maxNewTokens: number;
}

export interface GeneratingModel {
  generate(options: Record<string, unknown>): Promise<Tensor>;
}

/** The model as users of the library have it, on the device that our engine took. */
export async function loadPeer(
  { checkpointId, dtype }: LoadRequest,
  device: GPUDevice | null,
): Promise<GeneratingModel> {
  // The engine has pointed the library at the checkpoint's folder already.
  env.fetch = (input: string | URL) => fetch(input);
  const providers = device ? [{ name: 'webgpu', device }] : ['wasm'];
  const model = await AutoModelForImageTextToText.from_pretrained(checkpointId, {
    device: device ? 'webgpu' : 'wasm',
    dtype: dtype as 'fp32',
    session_options: { executionProviders: providers as ['wasm'] },
  });
  return model as unknown as GeneratingModel;
}

/** Stops a row whose text has closed its answer; looks at the newest tokens only. */
class AnswerClosed extends StoppingCriteria {
  private readonly closed: boolean[] = [];

  constructor(
    private readonly engine: TransformersEngine,
    private readonly promptLength: number,
  ) {
    super();
  }

  override _call(inputIds: number[][]): boolean[] {
    return inputIds.map((ids, row) => {
      const newest = ids.slice(Math.max(this.promptLength, ids.length - TAG_TOKENS)).map(Number);
      this.closed[row] ||= this.engine.decode(newest).includes(CLOSING_TAG);
      return this.closed[row] ?? false;
    });
  }
}

/** One call of `generate()` for `rows` answers; the generated tokens of all rows together. */
export async function generate(
  model: GeneratingModel,
  engine: TransformersEngine,
  inputs: Record<string, Tensor>,
  rows: number,
  { temperature, maxNewTokens }: GenerateSettings,
): Promise<number> {
  const promptLength = inputs['input_ids']?.dims.at(-1) ?? 0;
  const repeated = Object.fromEntries(
    Object.entries(inputs)
      .filter(([, value]) => value instanceof Tensor)
      .map(([name, tensor]) => [name, repeatRows(tensor, rows)]),
  );
  const output = await model.generate({
    ...repeated,
    do_sample: true,
    top_k: 0,
    temperature,
    max_new_tokens: maxNewTokens,
    stopping_criteria: new AnswerClosed(engine, promptLength),
  });
  return rows * ((output.dims.at(-1) ?? 0) - promptLength);
}

function repeatRows(tensor: Tensor, rows: number): Tensor {
  const { type, dims, data } = tensor;
  if (rows === 1) return tensor;
  const one = data as unknown as Float32Array;
  const repeated = new (one.constructor as Float32ArrayConstructor)(one.length * rows);
  for (let row = 0; row < rows; row += 1) repeated.set(one, row * one.length);
  return new Tensor(type as 'float32', repeated, [rows, ...dims.slice(1)]);
}
