/**
 * A language model whose logits are a hash of the prefix: a port-level fake for the sampler. Text
 * `a`…`f` per token; token 0 ends the sequence, token 7 closes the answer.
 */

import type { KvCache, Prefill, Step, VlmEngine } from '../../workers/vlm/engine.ts';
import { philox } from '../../workers/vlm/random.ts';

export const TOY_VOCABULARY = ['', 'a', 'b', 'c', 'd', 'e', 'f', '</answer>'];

const PROMPT_TOKENS = 1;

/** Cache bytes per token. */
export const TOY_TOKEN_BYTES = 1000;

class ToyCache implements KvCache {
  constructor(readonly prefixes: readonly (readonly number[])[]) {}
  get rows(): number {
    return this.prefixes.length;
  }
  get length(): number {
    return PROMPT_TOKENS + (this.prefixes[0]?.length ?? 0);
  }
  get sizeBytes(): number {
    return this.rows * this.length * TOY_TOKEN_BYTES;
  }
}

/** Logits in ±2 for a prefix. */
export function toyLogits(
  prefix: readonly number[],
  vocabSize = TOY_VOCABULARY.length,
): Float32Array {
  const hash = prefix.reduce((sum, id) => Math.imul(sum, 31) + id + 1, 17);
  return Float32Array.from({ length: vocabSize }, (_, id) => {
    const [word] = philox([id, prefix.length, 0, 0], [hash >>> 0, 0]);
    return (word / 2 ** 32) * 4 - 2;
  });
}

export class ToyEngine implements VlmEngine {
  readonly endTokenIds = new Set([0]);
  readonly decodesBytes = true;
  readonly calls: { rows: number }[] = [];
  private readonly live = new Set<KvCache>();

  /** Most bytes that the caches held together. */
  peakBytes = 0;

  /** @param logitsOf raw logits after a prefix of token ids, one per text of `vocabulary` */
  constructor(
    private readonly vocabulary: readonly string[] = TOY_VOCABULARY,
    private readonly logitsOf: (prefix: readonly number[]) => Float32Array = toyLogits,
  ) {}

  get vocabSize(): number {
    return this.vocabulary.length;
  }

  /** Caches that were made and not released. */
  get liveCaches(): number {
    return this.live.size;
  }

  prefill(): Promise<Prefill> {
    return Promise.resolve({ logits: this.logitsOf([]), cache: this.keep(new ToyCache([[]])) });
  }

  step(cache: KvCache, tokenIds: readonly number[]): Promise<Step> {
    const own = this.own(cache);
    if (tokenIds.length !== own.rows) throw new Error('one token per row');
    const prefixes = own.prefixes.map((prefix, row) => [...prefix, tokenIds[row] ?? 0]);
    this.calls.push({ rows: own.rows });
    const logits = new Float32Array(own.rows * this.vocabSize);
    prefixes.forEach((prefix, row) => {
      logits.set(this.logitsOf(prefix), row * this.vocabSize);
    });
    return Promise.resolve({ logits, cache: this.keep(new ToyCache(prefixes)) });
  }

  async extend(cache: KvCache, tokenIds: readonly number[]): Promise<Prefill> {
    const [prefix = []] = this.own(cache).prefixes;
    const longer = [...prefix, ...tokenIds];
    return { logits: this.logitsOf(longer), cache: this.keep(new ToyCache([longer])) };
  }

  gather(cache: KvCache, rows: readonly number[]): Promise<KvCache> {
    const own = this.own(cache);
    return Promise.resolve(this.keep(new ToyCache(rows.map((row) => own.prefixes[row] ?? []))));
  }

  release(cache: KvCache): void {
    if (!this.live.delete(cache)) throw new Error('released twice');
  }

  decode(tokenIds: readonly number[]): string {
    return tokenIds.map((id) => this.vocabulary[id] ?? '').join('');
  }

  encode(text: string): readonly number[] {
    return [...text].map((letter) => this.vocabulary.indexOf(letter));
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }

  private keep(cache: ToyCache): ToyCache {
    this.live.add(cache);
    this.peakBytes = Math.max(
      this.peakBytes,
      [...this.live].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    );
    return cache;
  }

  private own(cache: KvCache): ToyCache {
    if (!(cache instanceof ToyCache) || !this.live.has(cache)) throw new Error('released cache');
    return cache;
  }
}
