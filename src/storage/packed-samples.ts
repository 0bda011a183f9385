/**
 * Samples as they are stored: shared beginnings once, numbers in typed arrays. Log-probabilities are
 * rounded to float32, in which the logits came; they come out as the shortest decimal of that float.
 * Everything else comes out as it went in, and packing what came out gives the same again.
 */

import type { FinishReason, Sample, ServedBy } from '../core/types.ts';

const FINISH_REASONS: readonly FinishReason[] = ['answer-closed', 'end-of-sequence', 'length'];

/** A tree of tokens, parents first, and the samples as its leaves. Structured clone keeps it. */
export interface PackedSamples {
  /** Distinct tokens with the text that they added. */
  readonly tokenIds: Uint32Array;
  readonly tokenTexts: readonly string[];
  /** By node: its token's place above, ln p as in `Sample`. */
  readonly tokens: Uint16Array | Uint32Array;
  readonly logProbs: Float32Array;
  readonly modelLogProbs: Float32Array;
  /** Node and parent (−1 at the beginning) of the nodes that do not follow the one before them. */
  readonly branches: Int32Array;
  /** By sample: stream index, last node (−1 for none), place of the finish reason. */
  readonly indexes: Int32Array;
  readonly ends: Int32Array;
  readonly finishReasons: Uint8Array;
  /** Texts that are not what their tokens added, by place of the sample. */
  readonly texts: readonly (readonly [place: number, text: string])[];
  /** Absent where a worker drew all of them. */
  readonly served?: PackedServed;
}

/** By sample. */
interface PackedServed {
  /** What is `null` of it: 1 its token ids, 2 its log-probabilities, 4 the model's. */
  readonly gaps: Uint8Array;
  /** `null` for one that a worker drew. */
  readonly by: readonly (ServedBy | null)[];
}

export function packSamples(samples: readonly Sample[]): PackedSamples {
  const builder = new TreeBuilder();
  const ends = samples.map((sample) => builder.add(sample));
  return {
    ...builder.tables(),
    indexes: Int32Array.from(samples, ({ index }) => index),
    ends: Int32Array.from(ends),
    finishReasons: Uint8Array.from(samples, ({ finishReason }) =>
      FINISH_REASONS.indexOf(finishReason),
    ),
    texts: samples.flatMap(({ text, tokenTexts }, place) =>
      text === tokenTexts.join('') ? [] : [[place, text] as const],
    ),
    ...(samples.some(({ served }) => served !== undefined) && { served: packServed(samples) }),
  };
}

const packServed = (samples: readonly Sample[]): PackedServed => ({
  gaps: Uint8Array.from(
    samples,
    ({ tokenIds, logProbs, modelLogProbs }) =>
      Number(tokenIds === null) +
      2 * Number(logProbs === null) +
      4 * Number(modelLogProbs === null),
  ),
  by: samples.map(({ served }) => served ?? null),
});

export function unpackSamples(packed: PackedSamples): readonly Sample[] {
  return [...samplesOf(packed)];
}

/** The samples one by one, each made when it is asked for. */
export function* samplesOf(packed: PackedSamples): Generator<Sample> {
  const texts = new Map(packed.texts);
  const tree = new Tree(packed);
  const paths = new Map<number, ReturnType<Tree['pathTo']>>();
  for (const [place, end] of packed.ends.entries()) {
    // Samples with one end share their arrays.
    const path = paths.get(end) ?? tree.pathTo(end);
    paths.set(end, path);
    const gaps = packed.served?.gaps[place] ?? 0;
    const served = packed.served?.by[place];
    yield {
      index: packed.indexes[place] ?? 0,
      ...path,
      ...(gaps & 1 && { tokenIds: null }),
      ...(gaps & 2 && { logProbs: null }),
      ...(gaps & 4 && { modelLogProbs: null }),
      text: texts.get(place) ?? path.tokenTexts.join(''),
      finishReason: FINISH_REASONS[packed.finishReasons[place] ?? 0] ?? 'length',
      ...(served && { served }),
    };
  }
}

/** Bytes of its arrays and texts, to tell what a run will take. */
export function packedBytes(packed: PackedSamples): number {
  const arrays = Object.values(packed).reduce<number>(
    (sum, part: unknown) => sum + (ArrayBuffer.isView(part) ? part.byteLength : 0),
    0,
  );
  const served = (packed.served?.by ?? []).map((by) => JSON.stringify(by));
  const texts = [...packed.tokenTexts, ...packed.texts.map(([, text]) => text), ...served];
  return arrays + texts.reduce((sum, text) => sum + text.length, 0);
}

class TreeBuilder {
  private readonly places = new Map<string, number>();
  private readonly tokenIds: number[] = [];
  private readonly tokenTexts: string[] = [];
  private readonly parents: number[] = [];
  /** By node, −1 for none: its newest child, and the child of its parent that came before it. */
  private readonly children: number[] = [];
  private readonly siblings: number[] = [];
  private newestRoot = -1;
  private readonly tokens: number[] = [];
  private readonly logProbs: number[] = [];
  private readonly modelLogProbs: number[] = [];

  /** Gives the sample's last node. */
  add({ tokenIds, tokenTexts, logProbs, modelLogProbs }: Sample): number {
    let node = -1;
    // What is not known is written as 0, and its sample says so.
    tokenTexts.forEach((text, at) => {
      const token = this.tokenOf(tokenIds?.[at] ?? 0, text);
      const logProb = Math.fround(logProbs?.[at] ?? 0);
      node = this.nodeOf(node, token, logProb, Math.fround(modelLogProbs?.[at] ?? 0));
    });
    return node;
  }

  tables() {
    const Places = this.tokenIds.length > 0xffff ? Uint32Array : Uint16Array;
    return {
      tokenIds: Uint32Array.from(this.tokenIds),
      tokenTexts: this.tokenTexts,
      tokens: Places.from(this.tokens),
      logProbs: Float32Array.from(this.logProbs),
      modelLogProbs: Float32Array.from(this.modelLogProbs),
      branches: Int32Array.from(
        this.parents.flatMap((parent, node) => (parent === node - 1 ? [] : [node, parent])),
      ),
    };
  }

  private tokenOf(tokenId: number, text: string): number {
    const key = `${String(tokenId)} ${text}`;
    const known = this.places.get(key);
    if (known !== undefined) return known;
    this.tokenTexts.push(text);
    const place = this.tokenIds.push(tokenId) - 1;
    this.places.set(key, place);
    return place;
  }

  private nodeOf(parent: number, token: number, logProb: number, modelLogProb: number): number {
    const newest = parent < 0 ? this.newestRoot : (this.children[parent] ?? -1);
    for (let node = newest; node >= 0; node = this.siblings[node] ?? -1) {
      const isSame =
        this.tokens[node] === token &&
        this.logProbs[node] === logProb &&
        this.modelLogProbs[node] === modelLogProb;
      if (isSame) return node;
    }
    const node = this.parents.push(parent) - 1;
    this.tokens.push(token);
    this.logProbs.push(logProb);
    this.modelLogProbs.push(modelLogProb);
    this.children.push(-1);
    this.siblings.push(newest);
    if (parent < 0) this.newestRoot = node;
    else this.children[parent] = node;
    return node;
  }
}

/** Reads paths; every number is made once, when the first path comes by. */
class Tree {
  private readonly parents: Int32Array;
  private readonly logProbs: Float64Array;
  private readonly modelLogProbs: Float64Array;

  constructor(private readonly packed: PackedSamples) {
    const { tokens, branches } = packed;
    this.parents = new Int32Array(tokens.length);
    for (let node = 0; node < tokens.length; node += 1) this.parents[node] = node - 1;
    for (let at = 0; at < branches.length; at += 2) {
      this.parents[branches[at] ?? 0] = branches[at + 1] ?? -1;
    }
    this.logProbs = new Float64Array(tokens.length).fill(NaN);
    this.modelLogProbs = new Float64Array(tokens.length).fill(NaN);
  }

  pathTo(end: number) {
    const { tokens, tokenIds, tokenTexts, logProbs, modelLogProbs } = this.packed;
    const nodes: number[] = [];
    for (let node = end; node >= 0; node = this.parents[node] ?? -1) nodes.push(node);
    nodes.reverse();
    const token = (node: number): number => tokens[node] ?? 0;
    return {
      tokenIds: nodes.map((node) => tokenIds[token(node)] ?? 0),
      tokenTexts: nodes.map((node) => tokenTexts[token(node)] ?? ''),
      logProbs: nodes.map((node) => decimalOf(this.logProbs, logProbs, node)),
      modelLogProbs: nodes.map((node) => decimalOf(this.modelLogProbs, modelLogProbs, node)),
    };
  }
}

function decimalOf(made: Float64Array, stored: Float32Array, node: number): number {
  const known = made[node] ?? NaN;
  if (!Number.isNaN(known)) return known;
  return (made[node] = shortestDecimal(stored[node] ?? 0));
}

/** The shortest decimal that rounds to this float32: `-0.1` rather than `-0.10000000149011612`. */
function shortestDecimal(value: number): number {
  for (const digits of [6, 7, 8]) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}
