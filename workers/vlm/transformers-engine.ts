/**
 * The engine over transformers.js: its tokenizer, processor, chat template and `forward`, never its
 * `generate()`, which ignores top-p and truncates to 50 tokens (docs/decisions/0002). Image-token
 * merging and cache names per architecture stay the library's; pixels and sampling are ours.
 */

import { AutoModelForImageTextToText, AutoProcessor, RawImage } from '@huggingface/transformers';
import type { FeatureTables } from '../../src/core/probe/features.ts';
import type { RgbImage } from '../../src/core/types.ts';
import { NamedError } from '../../src/protocol/errors.ts';
import { decoderSession, memoryOf, vocabularySize } from './checkpoint-shape.ts';
import { decodeStepOf, forwardAfter, int64, ortTable, type DecodeStep } from './decode-step.ts';
import type { KvCache, Prefill, Step, VlmEngine } from './engine.ts';
import {
  cacheEntries,
  createRowMover,
  TensorCache,
  type RowMover,
  type TensorTable,
} from './kv-cache.ts';
import { configureLibrary, dtypeWords, type EngineOptions } from './load-options.ts';
import { promptPositions } from './m-rope.ts';
import type { RowNeed } from './memory-plan.ts';
import {
  installPixelPath,
  promptTensors,
  rememberImages,
  type ForwardModel,
  type LibraryTensors,
  type LoadedProcessor,
  type pixelTensors,
} from './transformers-model.ts';
import { visionFeatures } from './vision-features.ts';

/** Loads a checkpoint folder. Throws named errors; nothing stays behind when it fails. */
export async function loadEngine(options: EngineOptions): Promise<TransformersEngine> {
  const library = configureLibrary(options);
  const processor = (await AutoProcessor.from_pretrained(
    options.address.model,
  )) as unknown as LoadedProcessor;
  // Before the weights are fetched: it refuses processors whose pixels it cannot make.
  const toTensors = installPixelPath(processor);
  const model = (await AutoModelForImageTextToText.from_pretrained(
    options.address.model,
    library,
  )) as unknown as ForwardModel;
  return TransformersEngine.create(model, processor, toTensors, options.device);
}

export class TransformersEngine implements VlmEngine {
  private constructor(
    private readonly model: ForwardModel,
    private readonly processor: LoadedProcessor,
    private readonly toTensors: ReturnType<typeof pixelTensors>,
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
    toTensors: ReturnType<typeof pixelTensors>,
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
      toTensors,
      decodeStepOf(model, decoder),
      await createRowMover(decoder, device),
      memoryOf(decoder),
      vocabularySize(model.config),
      endTokenIds,
    );
  }

  get dtype(): string {
    return dtypeWords(this.model);
  }

  /** Pooled outputs of the vision session, a row an image; no prompt takes part. */
  async features(images: readonly RgbImage[]): Promise<FeatureTables> {
    const session = this.model.sessions['vision_encoder'];
    if (!session) {
      throw new NamedError('CheckpointInvalid', 'The checkpoint has no vision_encoder session.');
    }
    return visionFeatures(session, images.map(this.toTensors));
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
    return promptTensors(this.processor, this.withoutSecondStart(text), raw);
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
