/**
 * K answers from one prefill: a tree of prefixes.
 *
 * A node is a distinct prefix and holds the walkers (samples) that share it. One forward pass per
 * step runs over the distinct live prefixes; every walker draws its next token from its node's
 * distribution with a random stream of its own, and walkers that drew the same token stay together.
 * The result is the same K answers as decoding each walker alone with its stream.
 *
 * When the live rows would exceed `maxRows`, the step's nodes are split into waves that are
 * finished one after the other (depth first); the answers stay the same.
 */

import type { FinishReason, RgbImage, Sample, SamplerSettings } from '../../src/core/types.ts';
import type { KvCache, Prefill, VlmEngine } from './engine.ts';
import { policyOf, type Policy, type PolicySettings } from './policy.ts';
import { EMPTY_PREFIX, PrefixDecoder, type PrefixText } from './prefix-text.ts';
import { uniformStream } from './random.ts';

export const GREEDY_INDEX = -1;
const CLOSING_TAG = '</answer>';
const GREEDY: PolicySettings = { temperature: 0, topK: 0, topP: 1, minP: 0 };

export interface SamplingTask {
  readonly image: RgbImage;
  readonly promptText: string;
  readonly itemId: string;
  readonly sampler: SamplerSettings;
  readonly greedy: boolean;
  readonly firstIndex: number;
}

export interface SamplingOptions {
  /** Called before every forward pass; throws to stop. May await to let messages in. */
  readonly onStep: (progress: {
    step: number;
    liveRows: number;
    liveSamples: number;
  }) => Promise<void>;
  /** A finished sample; `margins[t]` is the distance of draw t to any other outcome. */
  readonly onSample: (sample: Sample, margins: readonly number[]) => void;
  /** Largest number of rows in one forward pass. */
  readonly maxRows: number;
  /** `false` gives every walker a row of its own: the reference that the tree must equal. */
  readonly merge?: boolean;
}

export interface SamplingCost {
  /** Forward passes after the prefill. */
  readonly steps: number;
  /** Sum of their rows. */
  readonly rows: number;
}

/** A sample on its way. It is on one node at a time and moves along; only its margins are its own. */
interface Walker {
  readonly index: number;
  readonly margins: number[];
}

/**
 * A distinct prefix with the walkers on it. Its past is shared through `parent`; `row` is its
 * parent's row in the cache from which the next forward pass gathers.
 */
interface Node {
  readonly parent: Node | null;
  /** −1 at the root, which stands for the prompt. */
  readonly tokenId: number;
  /** Generated tokens. */
  readonly length: number;
  readonly row: number;
  readonly prefix: PrefixText;
  /** ln p of the last token under the policy and under the raw model at T = 1, nats. */
  readonly logProb: number;
  readonly modelLogProb: number;
  readonly walkers: readonly Walker[];
}

/** Draws all samples of a task from an existing prefill, whose cache stays valid. */
export async function sampleTree(
  engine: VlmEngine,
  prefill: Prefill,
  task: SamplingTask,
  options: SamplingOptions,
): Promise<SamplingCost> {
  return new TreeRun(engine, task, options).run(prefill);
}

class TreeRun {
  private readonly uniform: (i: number, t: number) => number;
  private readonly decoder: PrefixDecoder;
  private steps = 0;
  private rows = 0;
  private liveSamples = 0;

  constructor(
    private readonly engine: VlmEngine,
    private readonly task: SamplingTask,
    private readonly options: SamplingOptions,
  ) {
    this.uniform = uniformStream(task.sampler.seed, task.itemId);
    this.decoder = new PrefixDecoder(engine);
  }

  async run(prefill: Prefill): Promise<SamplingCost> {
    const { firstIndex, greedy, sampler } = this.task;
    const indexes = greedy ? [GREEDY_INDEX] : [];
    for (let index = firstIndex; index < sampler.k; index += 1) indexes.push(index);
    this.liveSamples = indexes.length;
    const walkers = indexes.map((index) => ({ index, margins: [] }));
    const root: Node = {
      parent: null,
      tokenId: -1,
      length: 0,
      row: 0,
      prefix: EMPTY_PREFIX,
      logProb: 0,
      modelLogProb: 0,
      walkers,
    };
    const children = this.branch([root], prefill.logits);
    await this.descend(children, prefill.cache);
    return { steps: this.steps, rows: this.rows };
  }

  /** Runs `nodes`, whose rows refer to `cache`, to their ends. Does not release `cache`. */
  private async descend(nodes: readonly Node[], cache: KvCache): Promise<void> {
    let current = nodes;
    let parent = cache;
    try {
      while (current.length > 0) {
        if (current.length > this.options.maxRows) {
          await this.descendInWaves(current, parent);
          return;
        }
        const { logits, cache: next } = await this.forward(current, parent);
        if (parent !== cache) this.engine.release(parent);
        parent = next;
        current = this.branch(current, logits);
      }
    } finally {
      if (parent !== cache) this.engine.release(parent);
    }
  }

  private async descendInWaves(nodes: readonly Node[], cache: KvCache): Promise<void> {
    for (let start = 0; start < nodes.length; start += this.options.maxRows) {
      await this.descend(nodes.slice(start, start + this.options.maxRows), cache);
    }
  }

  private async forward(nodes: readonly Node[], parent: KvCache) {
    this.steps += 1;
    this.rows += nodes.length;
    await this.options.onStep({
      step: this.steps,
      liveRows: nodes.length,
      liveSamples: this.liveSamples,
    });
    const rows = nodes.map((node) => node.row);
    const moved = rows.length !== parent.rows || rows.some((row, position) => row !== position);
    const gathered = moved ? await this.engine.gather(parent, rows) : parent;
    try {
      return await this.engine.step(
        gathered,
        nodes.map((node) => node.tokenId),
      );
    } finally {
      if (moved) this.engine.release(gathered);
    }
  }

  /** Lets every walker draw; row i of `logits` is that of `nodes[i]`. Returns the live children. */
  private branch(nodes: readonly Node[], logits: Float32Array): Node[] {
    const { vocabSize } = this.engine;
    return nodes.flatMap((node, row) => {
      const rowLogits = logits.subarray(row * vocabSize, (row + 1) * vocabSize);
      return this.grow(node, row, rowLogits).filter((child) => !this.finish(child));
    });
  }

  /** The children of a node that some walker drew, in token-id order. */
  private grow(node: Node, row: number, logits: Float32Array): Node[] {
    const isSampled = node.walkers.some(({ index }) => index !== GREEDY_INDEX);
    const policy = policyOf(logits, isSampled ? this.task.sampler : GREEDY);
    const groups = this.drawAll(node, policy, logits);
    return [...groups]
      .sort(([a], [b]) => a - b)
      .flatMap(([tokenId, walkers]) => {
        const child = {
          parent: node,
          tokenId,
          length: node.length + 1,
          row,
          prefix: this.decoder.extend(node.prefix, tokenId),
          logProb: Math.log(policy.probabilities[tokenId] ?? 0),
          modelLogProb: policy.modelLogProb(tokenId),
        };
        return this.options.merge === false
          ? walkers.map((walker) => ({ ...child, walkers: [walker] }))
          : [{ ...child, walkers }];
      });
  }

  /** The walkers of a node grouped by the token that each drew. */
  private drawAll(node: Node, policy: Policy, logits: Float32Array): Map<number, Walker[]> {
    const groups = new Map<number, Walker[]>();
    for (const walker of node.walkers) {
      const isGreedy = walker.index === GREEDY_INDEX;
      const own = isGreedy && node.walkers.length > 1 ? policyOf(logits, GREEDY) : policy;
      const draw = own.draw(isGreedy ? 0.5 : this.uniform(walker.index, node.length));
      walker.margins.push(Math.min(draw.margin, own.edgeMargin));
      const group = groups.get(draw.tokenId);
      if (group) group.push(walker);
      else groups.set(draw.tokenId, [walker]);
    }
    return groups;
  }

  /** Reports the walkers of a finished node; `false` when the node lives on. */
  private finish(node: Node): boolean {
    const finishReason = this.finishReasonOf(node);
    if (finishReason === null) return false;
    const path = pathTo(node);
    const { text } = node.prefix;
    for (const { index, margins } of node.walkers) {
      this.liveSamples -= 1;
      // The greedy answer's own policy puts all mass on each of its tokens.
      const logProbs = index === GREEDY_INDEX ? path.logProbs.map(() => 0) : path.logProbs;
      this.options.onSample({ index, ...path, logProbs, text, finishReason }, margins);
    }
    return true;
  }

  private finishReasonOf(node: Node): FinishReason | null {
    if (this.engine.endTokenIds.has(node.tokenId)) return 'end-of-sequence';
    if (node.prefix.text.includes(CLOSING_TAG)) return 'answer-closed';
    return node.length >= this.task.sampler.maxNewTokens ? 'length' : null;
  }
}

/** The token arrays of a sample, one set for all samples that end on the node. */
function pathTo(leaf: Node) {
  const tokenIds = new Array<number>(leaf.length);
  const tokenTexts = new Array<string>(leaf.length);
  const logProbs = new Array<number>(leaf.length);
  const modelLogProbs = new Array<number>(leaf.length);
  for (let node = leaf; node.parent !== null; node = node.parent) {
    const at = node.length - 1;
    tokenIds[at] = node.tokenId;
    tokenTexts[at] = node.prefix.text.slice(node.parent.prefix.text.length);
    logProbs[at] = node.logProb;
    modelLogProbs[at] = node.modelLogProb;
  }
  return { tokenIds, tokenTexts, logProbs, modelLogProbs };
}
