/**
 * The engine over transformers.js: its tokenizer, processor, chat template and `forward`, never its
 * `generate()`, which ignores top-p and truncates to 50 tokens (docs/decisions/0002). Image-token
 * merging and cache names per architecture stay the library's; pixels and sampling are ours.
 */

import {
  AutoModelForImageTextToText,
  AutoProcessor,
  DynamicCache,
  env,
  LogLevel,
  RawImage,
  Tensor,
} from '@huggingface/transformers';
import * as ort from 'onnxruntime-web/webgpu';
import type { RgbImage } from '../../src/core/types.ts';
import { NamedError } from '../../src/protocol/errors.ts';
import type { KvCache, Prefill, Step, VlmEngine } from './engine.ts';
import { gatheredName, gatherGraph, ROWS_INPUT, type OnnxType } from './gather-graph.ts';
import { normalisedPixels, squareTile, type PixelConfig } from './preprocess.ts';

export interface EngineOptions {
  readonly modelsUrl: string;
  readonly checkpointId: string;
  readonly dtype: string | Readonly<Record<string, string>>;
  /** Our own WebGPU device, or `null` for wasm. */
  readonly device: GPUDevice | null;
  readonly fetch: (input: string | URL) => Promise<Response>;
}

type TensorTable = Record<string, Tensor>;

/** What we call on a transformers.js model; its own types leave these open. */
interface ForwardModel {
  (inputs: Record<string, unknown>): Promise<TensorTable>;
  readonly config: Record<string, unknown>;
  readonly sessions: Record<string, ort.InferenceSession & { config?: { dtype?: string } }>;
  dispose(): Promise<unknown>;
}

interface LoadedProcessor {
  (text: string, image: RawImage): Promise<TensorTable>;
  apply_chat_template(messages: unknown, options: Record<string, unknown>): string;
  readonly components: Record<string, unknown>;
  readonly image_processor: { readonly config: PixelConfig };
  readonly tokenizer: {
    decode(ids: number[], options: Record<string, unknown>): string;
    encode(text: string, options: Record<string, unknown>): number[];
    readonly eos_token_id?: number;
  };
}

class TensorCache implements KvCache {
  constructor(
    readonly entries: TensorTable,
    readonly rows: number,
    readonly length: number,
  ) {}

  get sizeBytes(): number {
    return Object.values(this.entries).reduce(
      (sum, { size, type }) => sum + size * (type === 'float16' ? 2 : 4),
      0,
    );
  }
}

/** Loads a checkpoint folder. Throws named errors; nothing stays behind when it fails. */
export async function loadEngine(options: EngineOptions): Promise<TransformersEngine> {
  configureLibrary(options);
  const executionProviders = options.device
    ? [{ name: 'webgpu', device: options.device }]
    : ['wasm'];
  const processor = (await AutoProcessor.from_pretrained(
    options.checkpointId,
  )) as unknown as LoadedProcessor;
  const model = (await AutoModelForImageTextToText.from_pretrained(options.checkpointId, {
    device: options.device ? 'webgpu' : 'wasm',
    dtype: options.dtype as 'fp32',
    session_options: { executionProviders: executionProviders as ['wasm'] },
  })) as unknown as ForwardModel;
  return TransformersEngine.create(model, processor, options.device);
}

/**
 * Built-in checkpoints take the way of hub checkpoints, with our own origin as the hub. The library's
 * local path is not used: with an address as `localModelPath` it does not find the tokenizer.
 */
function configureLibrary(options: EngineOptions): void {
  env.allowLocalModels = false;
  env.allowRemoteModels = true;
  env.remoteHost = options.modelsUrl;
  env.remotePathTemplate = '{model}/';
  env.useBrowserCache = false;
  env.useWasmCache = false;
  // What goes wrong is thrown as well, and said on the page.
  env.logLevel = LogLevel.NONE;
  env.fetch = options.fetch;
}

export class TransformersEngine implements VlmEngine {
  private constructor(
    private readonly model: ForwardModel,
    private readonly processor: LoadedProcessor,
    private readonly gatherSession: ort.InferenceSession,
    readonly vocabSize: number,
    readonly endTokenIds: ReadonlySet<number>,
  ) {}

  static async create(
    model: ForwardModel,
    processor: LoadedProcessor,
    device: GPUDevice | null,
  ): Promise<TransformersEngine> {
    installPixelPath(processor);
    const decoder = decoderSession(model);
    const gatherSession = await createGatherSession(decoder, device);
    const vocabSize = vocabularySize(model.config);
    const endTokenIds = new Set([processor.tokenizer.eos_token_id ?? -1].filter((id) => id >= 0));
    return new TransformersEngine(model, processor, gatherSession, vocabSize, endTokenIds);
  }

  /** The data type of each session as loaded, e.g. `decoder_model_merged q4, embed_tokens fp32`. */
  get dtype(): string {
    return Object.entries(this.model.sessions)
      .map(([name, session]) => `${name} ${session.config?.dtype ?? 'unknown'}`)
      .sort()
      .join(', ');
  }

  async prefill(image: RgbImage, promptText: string): Promise<Prefill> {
    const inputs = await this.promptInputs(image, promptText);
    const output = await this.model({ ...inputs, num_logits_to_keep: int64([1], []) });
    const length = inputs['input_ids']?.dims.at(-1) ?? 0;
    const logits = await this.takeLogits(output, 1);
    return { logits, cache: new TensorCache(cacheEntries(output), 1, length) };
  }

  /** Everything the decoder's prompt is made of: token ids, attention mask and pixels. */
  async promptInputs(image: RgbImage, promptText: string): Promise<TensorTable> {
    const content = [{ type: 'image' }, { type: 'text', text: promptText }];
    const text = this.processor.apply_chat_template([{ role: 'user', content }], {
      add_generation_prompt: true,
      tokenize: false,
    });
    const { width, height, data } = image;
    const raw = new RawImage(new Uint8ClampedArray(data), width, height, 3);
    return this.processor(text, raw);
  }

  async step(cache: KvCache, tokenIds: readonly number[]): Promise<Step> {
    const { entries, rows, length } = ownCache(cache);
    const output = await this.model({
      input_ids: int64(tokenIds, [rows, 1]),
      attention_mask: int64(new Array<number>(rows * (length + 1)).fill(1), [rows, length + 1]),
      past_key_values: new DynamicCache(entries),
      num_logits_to_keep: int64([1], []),
    });
    const logits = await this.takeLogits(output, rows);
    return { logits, cache: new TensorCache(cacheEntries(output), rows, length + 1) };
  }

  async extend(cache: KvCache, tokenIds: readonly number[]): Promise<Prefill> {
    const { entries, rows, length } = ownCache(cache);
    if (rows !== 1) throw new RangeError(`Only a cache of one row is extended, not ${rows} rows.`);
    const longer = length + tokenIds.length;
    const output = await this.model({
      input_ids: int64(tokenIds, [1, tokenIds.length]),
      attention_mask: int64(new Array<number>(longer).fill(1), [1, longer]),
      past_key_values: new DynamicCache(entries),
      num_logits_to_keep: int64([1], []),
    });
    const logits = await this.takeLogits(output, 1);
    return { logits, cache: new TensorCache(cacheEntries(output), 1, longer) };
  }

  async gather(cache: KvCache, rows: readonly number[]): Promise<KvCache> {
    const { entries, length } = ownCache(cache);
    const feeds: Record<string, ort.Tensor> = {
      [ROWS_INPUT]: ortTensor(int64(rows, [rows.length])),
    };
    for (const [name, tensor] of Object.entries(entries)) feeds[name] = ortTensor(tensor);
    const output = await this.gatherSession.run(feeds);
    const gathered: TensorTable = {};
    for (const name of Object.keys(entries)) {
      const tensor = output[gatheredName(name)];
      if (tensor) gathered[name] = new Tensor(tensor as never);
    }
    return new TensorCache(gathered, rows.length, length);
  }

  release(cache: KvCache): void {
    for (const tensor of Object.values(ownCache(cache).entries)) {
      if (tensor.location === 'gpu-buffer') tensor.dispose();
    }
  }

  decode(tokenIds: readonly number[]): string {
    return this.processor.tokenizer.decode([...tokenIds], {
      skip_special_tokens: true,
      clean_up_tokenization_spaces: false,
    });
  }

  encode(text: string): readonly number[] {
    return this.processor.tokenizer.encode(text, { add_special_tokens: false });
  }

  async dispose(): Promise<void> {
    await this.gatherSession.release();
    await this.model.dispose();
  }

  /** The last position's logits of every row; the tensor is released where it lives on the GPU. */
  private async takeLogits(output: TensorTable, rows: number): Promise<Float32Array> {
    const tensor = output['logits'];
    if (!tensor) throw new NamedError('CheckpointInvalid', 'The decoder returned no logits.');
    const data = (await ortTensor(tensor).getData(true)) as Float32Array;
    const positions = tensor.dims.at(-2) ?? 1;
    if (data.length !== rows * positions * this.vocabSize) {
      throw new NamedError(
        'CheckpointInvalid',
        `The decoder returned ${String(data.length)} logits where ${String(rows * positions * this.vocabSize)} were expected.`,
      );
    }
    return positions === 1 ? data : lastPositions(data, rows, positions, this.vocabSize);
  }
}

/** Puts our pixels where the library's image processor would resize on a canvas. */
function installPixelPath(processor: LoadedProcessor): void {
  const config = processor.image_processor.config;
  processor.components['image_processor'] = Object.assign(
    (image: RawImage) => {
      const rgb = { width: image.width, height: image.height, data: Uint8Array.from(image.data) };
      const tile = squareTile(rgb, config);
      const dims = [1, 1, 3, tile.height, tile.width];
      const mask = new Uint8Array(tile.height * tile.width).fill(1);
      return Promise.resolve({
        pixel_values: new Tensor('float32', normalisedPixels(tile, config), dims),
        pixel_attention_mask: new Tensor('bool', mask, [1, 1, tile.height, tile.width]),
        rows: [[0]],
        cols: [[0]],
      });
    },
    { config },
  );
}

function decoderSession(model: ForwardModel): ort.InferenceSession {
  const session = model.sessions['decoder_model_merged'];
  if (!session) {
    throw new NamedError(
      'CheckpointInvalid',
      'The checkpoint has no decoder_model_merged session.',
    );
  }
  return session;
}

/** One Gather per cache tensor, compiled for the device on which the cache lives. */
async function createGatherSession(
  decoder: ort.InferenceSession,
  device: GPUDevice | null,
): Promise<ort.InferenceSession> {
  const specs = decoder.inputMetadata.flatMap((input) =>
    input.isTensor && input.name.startsWith('past_key_values.')
      ? [{ name: input.name, type: input.type as OnnxType, rank: input.shape.length }]
      : [],
  );
  return ort.InferenceSession.create(gatherGraph(specs), {
    executionProviders: device ? [{ name: 'webgpu', device }] : ['wasm'],
    ...(device ? { preferredOutputLocation: 'gpu-buffer' as const } : {}),
  });
}

function vocabularySize(config: Record<string, unknown>): number {
  const textConfig = config['text_config'] as Record<string, unknown> | undefined;
  const size = textConfig?.['vocab_size'] ?? config['vocab_size'];
  if (typeof size !== 'number') {
    throw new NamedError(
      'CheckpointInvalid',
      'config.json does not say how large the vocabulary is.',
    );
  }
  return size;
}

function cacheEntries(output: TensorTable): TensorTable {
  const entries: TensorTable = {};
  for (const [name, tensor] of Object.entries(output)) {
    if (name.startsWith('present.')) entries[name.replace('present', 'past_key_values')] = tensor;
  }
  return entries;
}

function lastPositions(data: Float32Array, rows: number, positions: number, size: number) {
  const last = new Float32Array(rows * size);
  for (let row = 0; row < rows; row += 1) {
    const start = (row * positions + positions - 1) * size;
    last.set(data.subarray(start, start + size), row * size);
  }
  return last;
}

function int64(values: readonly number[], dims: number[]): Tensor {
  return new Tensor('int64', BigInt64Array.from(values, BigInt), dims);
}

function ortTensor(tensor: Tensor): ort.Tensor {
  return (tensor as unknown as { ort_tensor: ort.Tensor }).ort_tensor;
}

function ownCache(cache: KvCache): TensorCache {
  if (cache instanceof TensorCache) return cache;
  throw new TypeError('This cache belongs to another engine.');
}
