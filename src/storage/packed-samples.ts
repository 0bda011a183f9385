/**
 * Samples as they are stored: shared beginnings once, numbers in typed arrays. Log-probabilities are
 * rounded to float32, in which the logits came; they come out as the shortest decimal of that float.
 * Everything else comes out as it went in, and packing what came out gives the same again.
 */

import type { FinishReason, Sample } from '../core/types.ts';

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
  };
}

export function unpackSamples(packed: PackedSamples): readonly Sample[] {
  const texts = new Map(packed.texts);
  const tree = treeOf(packed);
  const paths = new Map<number, ReturnType<typeof pathTo>>();
  return Array.from(packed.ends, (end, place): Sample => {
    // Samples with one end share their arrays.
    const path = paths.get(end) ?? pathTo(tree, end);
    paths.set(end, path);
    return {
      index: packed.indexes[place] ?? 0,
      ...path,
      text: texts.get(place) ?? path.tokenTexts.join(''),
      finishReason: FINISH_REASONS[packed.finishReasons[place] ?? 0] ?? 'length',
    };
  });
}

/** Bytes of its arrays and texts, to tell what a run will take. */
export function packedBytes(packed: PackedSamples): number {
  const arrays = Object.values(packed).reduce<number>(
    (sum, part: unknown) => sum + (ArrayBuffer.isView(part) ? part.byteLength : 0),
    0,
  );
  const texts = [...packed.tokenTexts, ...packed.texts.map(([, text]) => text)];
  return arrays + texts.reduce((sum, text) => sum + text.length, 0);
}

class TreeBuilder {
  private readonly places = new Map<string, number>();
  private readonly tokenIds: number[] = [];
  private readonly tokenTexts: string[] = [];
  private readonly nodes = new Map<string, number>();
  private readonly parents: number[] = [];
  private readonly tokens: number[] = [];
  private readonly logProbs: number[] = [];
  private readonly modelLogProbs: number[] = [];

  /** Gives the sample's last node. */
  add({ tokenIds, tokenTexts, logProbs, modelLogProbs }: Sample): number {
    let node = -1;
    tokenIds.forEach((tokenId, at) => {
      const token = this.tokenOf(tokenId, tokenTexts[at] ?? '');
      const [logProb, modelLogProb] = [logProbs[at] ?? 0, modelLogProbs[at] ?? 0].map(Math.fround);
      node = this.nodeOf(node, token, logProb ?? 0, modelLogProb ?? 0);
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
    return placeOf(this.places, `${String(tokenId)} ${text}`, () => {
      this.tokenTexts.push(text);
      return this.tokenIds.push(tokenId) - 1;
    });
  }

  private nodeOf(parent: number, token: number, logProb: number, modelLogProb: number): number {
    return placeOf(this.nodes, [parent, token, logProb, modelLogProb].join(' '), () => {
      this.parents.push(parent);
      this.tokens.push(token);
      this.logProbs.push(logProb);
      return this.modelLogProbs.push(modelLogProb) - 1;
    });
  }
}

function placeOf(places: Map<string, number>, key: string, add: () => number): number {
  const known = places.get(key);
  if (known !== undefined) return known;
  const place = add();
  places.set(key, place);
  return place;
}

/** What a path is read from, every number made once. */
interface Tree {
  readonly parents: Int32Array;
  readonly ids: readonly number[];
  readonly texts: readonly string[];
  readonly logProbs: readonly number[];
  readonly modelLogProbs: readonly number[];
}

function treeOf(packed: PackedSamples): Tree {
  const { tokenIds, tokenTexts, tokens, branches, logProbs, modelLogProbs } = packed;
  const parents = Int32Array.from(tokens, (_, node) => node - 1);
  for (let at = 0; at < branches.length; at += 2)
    parents[branches[at] ?? 0] = branches[at + 1] ?? -1;
  return {
    parents,
    ids: Array.from(tokens, (token) => tokenIds[token] ?? 0),
    texts: Array.from(tokens, (token) => tokenTexts[token] ?? ''),
    logProbs: Array.from(logProbs, shortestDecimal),
    modelLogProbs: Array.from(modelLogProbs, shortestDecimal),
  };
}

/** The shortest decimal that rounds to this float32: `-0.1` rather than `-0.10000000149011612`. */
function shortestDecimal(value: number): number {
  for (const digits of [6, 7, 8]) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}

function pathTo(tree: Tree, end: number) {
  const nodes: number[] = [];
  for (let node = end; node >= 0; node = tree.parents[node] ?? -1) nodes.push(node);
  nodes.reverse();
  const along = <Value>(values: readonly Value[]): Value[] =>
    nodes.flatMap((node) => values[node] ?? []);
  return {
    tokenIds: along(tree.ids),
    tokenTexts: along(tree.texts),
    logProbs: along(tree.logProbs),
    modelLogProbs: along(tree.modelLogProbs),
  };
}
