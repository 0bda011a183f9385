/**
 * One decode step: a token appended to every row of a cache.
 *
 * Decoders that take embeddings, a mask and the cache are run directly: the library's `forward` is the
 * same run after looking every tensor over and embedding the tokens in a run of its own
 * (test/boundary/decode-step.browser.test.ts holds the two together). M-RoPE ids are made here, because
 * `forward` forgets after the prompt how far an image moved them (m-rope.ts). A decoder that wants more,
 * such as plain position ids, goes through the library, which knows how they count.
 */

import { DynamicCache, Tensor } from '@huggingface/transformers';
import * as ort from 'onnxruntime-web/webgpu';
import type { ForwardModel } from './transformers-model.ts';
import { mropeAfter, takesMrope } from './m-rope.ts';
import { PAST_PREFIX, type TensorCache, type TensorTable } from './kv-cache.ts';

/** Logits and `present.*` tensors of a step over all rows of `cache`. */
export type DecodeStep = (cache: TensorCache, tokenIds: readonly number[]) => Promise<TensorTable>;

const DIRECT_INPUTS = new Set(['inputs_embeds', 'attention_mask', 'num_logits_to_keep']);
/** Embedding rows kept by token id; above it all are dropped and asked for again. */
const EMBEDDINGS_LIMIT_BYTES = 16 * 2 ** 20;

export function decodeStepOf(model: ForwardModel, decoder: ort.InferenceSession): DecodeStep {
  const isDirect = decoder.inputNames.every(
    (name) =>
      DIRECT_INPUTS.has(name) ||
      name.startsWith(PAST_PREFIX) ||
      (name === 'position_ids' && takesMrope(decoder)),
  );
  const embed = model.sessions['embed_tokens'];
  return isDirect && embed ? directStep(decoder, embed) : libraryStep(model);
}

/** Through the library's `forward`. */
export function libraryStep(model: ForwardModel): DecodeStep {
  return (cache, tokenIds) => forwardAfter(model, cache, tokenIds);
}

/**
 * Through the library's `forward`: tokens appended to every row of a cache, as many to each; `tokenIds`
 * row-major. Logits of the last position only.
 */
export async function forwardAfter(
  model: ForwardModel,
  cache: TensorCache,
  tokenIds: readonly number[],
): Promise<TensorTable> {
  const { entries, rows, length } = cache;
  const added = tokenIds.length / rows;
  const past = Object.entries(entries).map(
    ([name, tensor]) => [name, new Tensor(tensor as never)] as const,
  );
  const output = await model({
    input_ids: int64(tokenIds, [rows, added]),
    attention_mask: new Tensor('int64', ones(rows * (length + added)), [rows, length + added]),
    past_key_values: new DynamicCache(Object.fromEntries(past)),
    num_logits_to_keep: int64([1], []),
    ...(takesMrope(model.sessions['decoder_model_merged']) && {
      position_ids: new Tensor(mropeAfter(cache, added) as never),
    }),
  });
  return ortTable(output);
}

function directStep(decoder: ort.InferenceSession, embed: ort.InferenceSession): DecodeStep {
  const embeddings = new EmbeddingRows(embed);
  const keepsLast = decoder.inputNames.includes('num_logits_to_keep');
  const hasMrope = takesMrope(decoder);
  const keepOne = new ort.Tensor('int64', BigInt64Array.of(1n), []);
  let mask = ones(0);
  return async (cache, tokenIds) => {
    const { entries, rows, length } = cache;
    const size = rows * (length + 1);
    if (mask.length < size) mask = ones(2 * size);
    return decoder.run({
      ...entries,
      inputs_embeds: await embeddings.of(tokenIds),
      attention_mask: new ort.Tensor('int64', mask.subarray(0, size), [rows, length + 1]),
      ...(keepsLast ? { num_logits_to_keep: keepOne } : {}),
      ...(hasMrope ? { position_ids: mropeAfter(cache, 1) } : {}),
    });
  };
}

/** Rows of the embedding table, each asked of its session once. */
class EmbeddingRows {
  private readonly rows = new Map<number, Float32Array>();
  private type: ort.Tensor.Type = 'float32';

  constructor(private readonly session: ort.InferenceSession) {}

  /** Embeddings of one token a row, shape `[rows, 1, width]`. */
  async of(tokenIds: readonly number[]): Promise<ort.Tensor> {
    const missing = [...new Set(tokenIds)].filter((id) => !this.rows.has(id));
    if (missing.length > 0) await this.fetch(missing, tokenIds);
    const width = this.rows.get(tokenIds[0] ?? -1)?.length ?? 0;
    const Kind = this.rows.get(tokenIds[0] ?? -1)?.constructor as Float32ArrayConstructor;
    const data = new Kind(tokenIds.length * width);
    tokenIds.forEach((id, row) => {
      data.set(this.rows.get(id) ?? [], row * width);
    });
    return new ort.Tensor(this.type as 'float32', data, [tokenIds.length, 1, width]);
  }

  private async fetch(missing: readonly number[], wanted: readonly number[]): Promise<void> {
    const ids = new ort.Tensor('int64', BigInt64Array.from(missing, BigInt), [1, missing.length]);
    const output = await this.session.run({ [this.session.inputNames[0] ?? 'input_ids']: ids });
    const [tensor] = Object.values(output);
    if (!tensor) throw new TypeError('The embeddings session returned nothing.');
    const data = (await tensor.getData(true)) as Float32Array;
    const width = data.length / missing.length;
    const rowBytes = width * data.BYTES_PER_ELEMENT;
    if ((this.rows.size + missing.length) * rowBytes > EMBEDDINGS_LIMIT_BYTES) {
      const used = new Set(wanted);
      for (const id of this.rows.keys()) if (!used.has(id)) this.rows.delete(id);
    }
    this.type = tensor.type;
    missing.forEach((id, at) => this.rows.set(id, data.slice(at * width, (at + 1) * width)));
  }
}

export const ones = (length: number): BigInt64Array => new BigInt64Array(length).fill(1n);

export function int64(values: readonly number[], dims: number[]): Tensor {
  return new Tensor('int64', BigInt64Array.from(values, BigInt), dims);
}

/** The library's tensors as the runtime's, which they hold. */
export function ortTable(tensors: Readonly<Record<string, Tensor>>): TensorTable {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [name, ortTensor(tensor)]),
  );
}

export function ortTensor(tensor: Tensor): ort.Tensor {
  return (tensor as unknown as { ort_tensor: ort.Tensor }).ort_tensor;
}
