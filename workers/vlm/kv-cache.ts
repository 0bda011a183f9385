/**
 * The key-value cache as tensors, on either device, and moving its rows where it lives.
 *
 * On wasm the runtime copies every input into its heap and every output out of it, so a `Gather` run
 * would copy the whole cache three times: rows are copied once, in JavaScript, into memory that is
 * used again. On a graphics device one `Gather` run moves them and nothing leaves the device.
 */

import * as ort from 'onnxruntime-web/webgpu';
import type { KvCache } from './engine.ts';
import type { RowNeed } from './memory-plan.ts';
import { gatheredName, gatherGraph, ROWS_INPUT, type OnnxType } from './gather-graph.ts';

export const PAST_PREFIX = 'past_key_values.';
const PRESENT_PREFIX = 'present.';

export type TensorTable = Readonly<Record<string, ort.Tensor>>;
const ELEMENT_BYTES: Readonly<Record<string, number>> = { float32: 4, float16: 2 };
type CpuData = Float32Array | Uint16Array;

export class TensorCache implements KvCache {
  private released = false;

  /**
   * @param positionOffset what the next position's id is beyond `length`: M-RoPE counts an image by its sides
   * @param onRelease given where the tensors' memory is used again after the release
   */
  constructor(
    private readonly tensors: TensorTable,
    readonly rows: number,
    readonly length: number,
    readonly positionOffset = 0,
    private readonly onRelease: (() => void) | null = null,
  ) {}

  /** Whether its memory is used again after its release, so that no view of it may outlive it. */
  get isReused(): boolean {
    return this.onRelease !== null;
  }

  /** By the names under which the decoder takes them. Throws when it was released. */
  get entries(): TensorTable {
    if (this.released) throw new TypeError('This cache was released.');
    return this.tensors;
  }

  get sizeBytes(): number {
    return Object.values(this.tensors).reduce(
      (sum, { size, type }) => sum + size * (ELEMENT_BYTES[type] ?? 4),
      0,
    );
  }

  /** Gives its memory back. A second call does nothing. */
  release(): void {
    if (this.released) return;
    this.released = true;
    for (const tensor of Object.values(this.tensors)) {
      if (tensor.location === 'gpu-buffer') tensor.dispose();
    }
    this.onRelease?.();
  }
}

/** What a forward pass returned as the cache, under the names of its inputs. */
export function cacheEntries(output: TensorTable): TensorTable {
  return Object.fromEntries(
    Object.entries(output)
      .filter(([name]) => name.startsWith(PRESENT_PREFIX))
      .map(([name, tensor]) => [name.replace(PRESENT_PREFIX, PAST_PREFIX), tensor]),
  );
}

/**
 * What the cache takes, read from the shapes that the decoder declares: for plain attention one
 * position of one row is 2 · layers · kvHeads · headDim · bytes. `null` where it leaves them open.
 */
export function cacheNeed(
  inputs: readonly ort.InferenceSession.ValueMetadata[],
): Pick<RowNeed, 'positionBytes' | 'cacheTensors'> | null {
  let positionBytes = 0;
  let cacheTensors = 0;
  for (const input of inputs) {
    if (!input.name.startsWith(PAST_PREFIX)) continue;
    if (!input.isTensor) return null;
    const [, heads, , width] = input.shape;
    const elementBytes = ELEMENT_BYTES[input.type];
    if (typeof heads !== 'number' || typeof width !== 'number' || !elementBytes) return null;
    positionBytes += heads * width * elementBytes;
    cacheTensors += 1;
  }
  return cacheTensors > 0 ? { positionBytes, cacheTensors } : null;
}

/** Moves cache rows: entry i of the new cache is row `rows[i]` of the old one. */
export interface RowMover {
  gather(cache: TensorCache, rows: readonly number[]): Promise<TensorCache>;
  dispose(): Promise<void>;
}

/** For the cache of this decoder on this device. */
export async function createRowMover(
  decoder: ort.InferenceSession,
  device: GPUDevice | null,
): Promise<RowMover> {
  return device ? GpuRowMover.create(decoder, device) : new CpuRowMover();
}

class CpuRowMover implements RowMover {
  /** Memory of released caches, to be written again: fresh pages cost more than the copy. */
  private free: ArrayBuffer[] = [];

  gather(cache: TensorCache, rows: readonly number[]): Promise<TensorCache> {
    const used: ArrayBuffer[] = [];
    const take = (sizeBytes: number): ArrayBuffer => {
      const at = this.free.findIndex(({ byteLength }) => byteLength >= sizeBytes);
      // A quarter more: the next step's cache is one position longer.
      const [buffer] = at >= 0 ? this.free.splice(at, 1) : [new ArrayBuffer(sizeBytes * 1.25)];
      if (!buffer) throw new RangeError('No memory for the cache.');
      used.push(buffer);
      return buffer;
    };
    // A run of neighbours is a view, because nobody writes to a cache.
    const first = rows[0] ?? 0;
    const isView = !cache.isReused && rows.every((row, at) => row === first + at);
    const gathered = Object.entries(cache.entries).map(
      ([name, tensor]) =>
        [name, isView ? viewOf(tensor, first, rows.length) : copyOf(tensor, rows, take)] as const,
    );
    const onRelease = (): void => {
      // What no longer fits is left to the collector.
      this.free = used;
    };
    const moved = new TensorCache(
      Object.fromEntries(gathered),
      rows.length,
      cache.length,
      cache.positionOffset,
      isView ? null : onRelease,
    );
    return Promise.resolve(moved);
  }

  dispose(): Promise<void> {
    this.free = [];
    return Promise.resolve();
  }
}

function viewOf(tensor: ort.Tensor, first: number, count: number): ort.Tensor {
  const { data, stride, dims } = rowsOf(tensor);
  const view = data.subarray(first * stride, (first + count) * stride);
  return new ort.Tensor(tensor.type, view as Float32Array, [count, ...dims]);
}

function copyOf(
  tensor: ort.Tensor,
  rows: readonly number[],
  take: (sizeBytes: number) => ArrayBuffer,
): ort.Tensor {
  const { data, stride, dims } = rowsOf(tensor);
  const size = rows.length * stride;
  const Kind = data.constructor as Float32ArrayConstructor;
  const target = new Kind(take(size * data.BYTES_PER_ELEMENT), 0, size);
  rows.forEach((row, at) => {
    target.set(data.subarray(row * stride, (row + 1) * stride), at * stride);
  });
  return new ort.Tensor(tensor.type, target, [rows.length, ...dims]);
}

/** A tensor's data, the number of values in a row and a row's shape. */
function rowsOf({ data, dims }: ort.Tensor) {
  const values = data as CpuData;
  return { data: values, stride: values.length / (dims[0] ?? 1), dims: dims.slice(1) };
}

class GpuRowMover implements RowMover {
  private constructor(private readonly session: ort.InferenceSession) {}

  static async create(decoder: ort.InferenceSession, device: GPUDevice): Promise<GpuRowMover> {
    const specs = decoder.inputMetadata.flatMap((input) =>
      input.isTensor && input.name.startsWith(PAST_PREFIX)
        ? [{ name: input.name, type: input.type as OnnxType, rank: input.shape.length }]
        : [],
    );
    const session = await ort.InferenceSession.create(gatherGraph(specs), {
      executionProviders: [{ name: 'webgpu', device }],
      preferredOutputLocation: 'gpu-buffer',
    });
    return new GpuRowMover(session);
  }

  async gather(cache: TensorCache, rows: readonly number[]): Promise<TensorCache> {
    const { entries, length, positionOffset } = cache;
    const wanted = new ort.Tensor('int64', BigInt64Array.from(rows, BigInt), [rows.length]);
    const output = await this.session.run({ ...entries, [ROWS_INPUT]: wanted });
    const gathered = Object.keys(entries).flatMap((name) => {
      const tensor = output[gatheredName(name)];
      return tensor ? [[name, tensor] as const] : [];
    });
    return new TensorCache(Object.fromEntries(gathered), rows.length, length, positionOffset);
  }

  async dispose(): Promise<void> {
    await this.session.release();
  }
}
