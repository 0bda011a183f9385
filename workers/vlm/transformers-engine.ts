/**
 * The engine over transformers.js: its tokenizer, processor, chat template and `forward`, never its
 * `generate()`, which ignores top-p and truncates to 50 tokens (docs/decisions/0002). Image-token
 * merging and cache names per architecture stay the library's; pixels and sampling are ours.
 */

import {
  AutoModelForImageTextToText,
  AutoProcessor,
  env,
  LogLevel,
  RawImage,
} from '@huggingface/transformers';
import type { RgbImage } from '../../src/core/types.ts';
import { NamedError } from '../../src/protocol/errors.ts';
import { decoderSession, memoryOf, vocabularySize } from './checkpoint-shape.ts';
import type { LibraryAddress } from './checkpoint-source.ts';
import { decodeStepOf, forwardAfter, int64, ortTable, type DecodeStep } from './decode-step.ts';
import type { KvCache, Prefill, Step, VlmEngine } from './engine.ts';
import {
  cacheEntries,
  createRowMover,
  TensorCache,
  type RowMover,
  type TensorTable,
} from './kv-cache.ts';
import { promptPositions } from './m-rope.ts';
import type { RowNeed } from './memory-plan.ts';
import {
  installPixelPath,
  rememberImages,
  type ForwardModel,
  type LibraryTensors,
  type LoadedProcessor,
} from './transformers-model.ts';
import { widenWeights } from './widen-weights.ts';

export interface EngineOptions {
  readonly address: LibraryAddress;
  readonly dtype: string | Readonly<Record<string, string>>;
  /** Our own WebGPU device, or `null` for wasm. */
  readonly device: GPUDevice | null;
  readonly fetch: (input: string | URL) => Promise<Response>;
}

/** Loads a checkpoint folder. Throws named errors; nothing stays behind when it fails. */
export async function loadEngine(options: EngineOptions): Promise<TransformersEngine> {
  configureLibrary(options);
  const executionProviders = options.device
    ? [{ name: 'webgpu', device: options.device }]
    : ['wasm'];
  const processor = (await AutoProcessor.from_pretrained(
    options.address.model,
  )) as unknown as LoadedProcessor;
  // Before the weights are fetched: it refuses processors whose pixels it cannot make.
  installPixelPath(processor);
  const model = (await AutoModelForImageTextToText.from_pretrained(options.address.model, {
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
  env.remoteHost = options.address.host;
  env.remotePathTemplate = options.address.template;
  env.useBrowserCache = false;
  env.useWasmCache = false;
  // What goes wrong is thrown as well, and said on the page.
  env.logLevel = LogLevel.NONE;
  env.fetch = options.device ? options.fetch : widened(options.fetch);
}

/** On wasm, four-bit weights are widened on their way from the server to the runtime. */
function widened(fetch: EngineOptions['fetch']): EngineOptions['fetch'] {
  return async (input) => {
    const response = await fetch(input);
    if (!response.ok || !new URL(input).pathname.endsWith('.onnx')) return response;
    const bytes = widenWeights(new Uint8Array(await response.arrayBuffer()));
    return new Response(bytes, { headers: { 'content-length': String(bytes.byteLength) } });
  };
}

export class TransformersEngine implements VlmEngine {
  private constructor(
    private readonly model: ForwardModel,
    private readonly processor: LoadedProcessor,
    private readonly decodeStep: DecodeStep,
    private readonly rowMover: RowMover,
    /** What its cache takes. */
    readonly memory: Pick<RowNeed, 'positionBytes' | 'cacheTensors'>,
    readonly vocabSize: number,
    readonly endTokenIds: ReadonlySet<number>,
  ) {}

  static async create(
    model: ForwardModel,
    processor: LoadedProcessor,
    device: GPUDevice | null,
  ): Promise<TransformersEngine> {
    rememberImages(model);
    const decoder = decoderSession(model);
    const ends = [
      processor.tokenizer.eos_token_id,
      model.generation_config?.['eos_token_id'],
    ].flat();
    const endTokenIds = new Set(ends.filter((id) => typeof id === 'number'));
    return new TransformersEngine(
      model,
      processor,
      decodeStepOf(model, decoder),
      await createRowMover(decoder, device),
      memoryOf(decoder),
      vocabularySize(model.config),
      endTokenIds,
    );
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
    const positions = promptPositions(this.model, inputs);
    const output = await this.model({
      ...inputs,
      ...(positions && { position_ids: positions.positionIds }),
      num_logits_to_keep: int64([1], []),
    });
    const table = ortTable(output);
    const length = inputs['input_ids']?.dims.at(-1) ?? 0;
    const logits = await this.takeLogits(table, 1);
    const cache = new TensorCache(cacheEntries(table), 1, length, positions?.offset);
    return { logits, cache };
  }

  /** Everything the decoder's prompt is made of: token ids, attention mask and pixels. */
  async promptInputs(image: RgbImage, promptText: string): Promise<LibraryTensors> {
    const content = [{ type: 'image' }, { type: 'text', text: promptText }];
    const text = this.processor.apply_chat_template([{ role: 'user', content }], {
      add_generation_prompt: true,
      tokenize: false,
    });
    const { width, height, data } = image;
    const raw = new RawImage(new Uint8ClampedArray(data), width, height, 3);
    return this.processor(this.withoutSecondStart(text), raw);
  }

  /** Some chat templates write the start token that the tokenizer puts before every text as well. */
  private withoutSecondStart(text: string): string {
    const { tokenizer } = this.processor;
    const start = tokenizer.bos_token ?? '';
    if (start === '' || !text.startsWith(start)) return text;
    const [first] = tokenizer.encode('', { add_special_tokens: true });
    const isWritten = first !== undefined && tokenizer.decode([first], {}) === start;
    return isWritten ? text.slice(start.length) : text;
  }

  async step(cache: KvCache, tokenIds: readonly number[]): Promise<Step> {
    const own = ownCache(cache);
    const output = await this.decodeStep(own, tokenIds);
    const logits = await this.takeLogits(output, own.rows);
    return { logits, cache: grown(own, output, 1) };
  }

  async extend(cache: KvCache, tokenIds: readonly number[]): Promise<Prefill> {
    const own = ownCache(cache);
    if (own.rows !== 1) {
      throw new RangeError(`Only a cache of one row is extended, not ${String(own.rows)} rows.`);
    }
    const output = await forwardAfter(this.model, own, tokenIds);
    const logits = await this.takeLogits(output, 1);
    return { logits, cache: grown(own, output, tokenIds.length) };
  }

  gather(cache: KvCache, rows: readonly number[]): Promise<KvCache> {
    return this.rowMover.gather(ownCache(cache), rows);
  }

  release(cache: KvCache): void {
    ownCache(cache).release();
  }

  /** `clean_up_tokenization_spaces` is off below, so a byte-level decoder does nothing else. */
  get decodesBytes(): boolean {
    return this.processor.tokenizer._tokenizer?.decoder?.config?.type === 'ByteLevel';
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
    await this.rowMover.dispose();
    await this.model.dispose();
  }

  /** The last position's logits of every row; the tensor is released where it lives on the GPU. */
  private async takeLogits(output: TensorTable, rows: number): Promise<Float32Array> {
    const tensor = output['logits'];
    if (!tensor) throw new NamedError('CheckpointInvalid', 'The decoder returned no logits.');
    const data = (await tensor.getData(true)) as Float32Array;
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

function lastPositions(data: Float32Array, rows: number, positions: number, size: number) {
  const last = new Float32Array(rows * size);
  for (let row = 0; row < rows; row += 1) {
    const start = (row * positions + positions - 1) * size;
    last.set(data.subarray(start, start + size), row * size);
  }
  return last;
}

/** The cache that a pass over `added` further positions returned. */
function grown({ rows, length, positionOffset }: TensorCache, output: TensorTable, added: number) {
  return new TensorCache(cacheEntries(output), rows, length + added, positionOffset);
}

function ownCache(cache: KvCache): TensorCache {
  if (cache instanceof TensorCache) return cache;
  throw new TypeError('This cache belongs to another engine.');
}
