/**
 * K answers from one prefill: a tree of prefixes.
 *
 * A node is a distinct prefix and holds the walkers (samples) that share it. One forward pass per
 * step runs over the distinct live prefixes; every walker draws its next token from its node's
 * distribution with a random stream of its own, and walkers that drew the same token stay together.
 * The result is the same K answers as decoding each walker alone with its stream.
 *
 * Where the answer distribution of each trace is asked for, a node whose text reaches `<answer>` goes
 * on not only as the tokens that were drawn but as every token whose probability given the trace is
 * at least the branch floor. Such branches carry mass and no walkers, share the forward passes, and
 * change no draw.
 *
 * When the live rows would exceed `maxRows`, the step's nodes are split into waves that are
 * finished one after the other (depth first); the answers stay the same.
 */

import type { DrawnSample, RgbImage, SamplerSettings, TraceAnswers } from '../../src/core/types.ts';
import type { AnswerDistributionRequest } from '../../src/protocol/vlm.ts';
import type { KvCache, Prefill, VlmEngine } from './engine.ts';
import { finishReasonOf } from './finish-reason.ts';
import type { KeptTree } from './kept-tree.ts';
import { policyOf, type Policy, type PolicySettings } from './policy.ts';
import { EMPTY_PREFIX, PrefixDecoder } from './prefix-text.ts';
import { uniformStream } from './random.ts';
import { stepRows } from './step-rows.ts';
import { TraceTally } from './trace-tally.ts';
import {
  GREEDY_INDEX,
  needsSampler,
  pathTo,
  sampledIndexes,
  type TreeNode,
  type Walker,
} from './tree-node.ts';

export { GREEDY_INDEX };

const OPENING_TAG = '<answer>';
const GREEDY: PolicySettings = { temperature: 0, topK: 0, topP: 1, minP: 0 };

export interface SamplingTask {
  readonly image: RgbImage;
  readonly promptText: string;
  readonly itemId: string;
  readonly sampler: SamplerSettings;
  readonly greedy: boolean;
  readonly firstIndex: number;
  /** Follow all answers of each trace; needs `merge`. */
  readonly answerDistributions?: AnswerDistributionRequest;
}

export interface SamplingOptions {
  /** Called before every forward pass; throws to stop. May await to let messages in. */
  readonly onStep: (progress: {
    step: number;
    liveRows: number;
    liveSamples: number;
  }) => Promise<void>;
  /** A finished sample; `margins[t]` is the distance of draw t to any other outcome. */
  readonly onSample: (sample: DrawnSample, margins: readonly number[]) => void;
  /** The answers of one trace, when all its branches have ended. */
  readonly onTrace?: (trace: TraceAnswers) => void;
  /** Where the nodes of the samples are kept for re-weighting; needs `merge`. */
  readonly keep?: KeptTree;
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
  private readonly branchFloor: number;
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
    this.branchFloor = task.answerDistributions?.branchFloor ?? 1;
    if (!(this.branchFloor > 0 && this.branchFloor <= 1)) {
      throw new RangeError('The branch floor is a probability above 0.');
    }
  }

  async run(prefill: Prefill): Promise<SamplingCost> {
    const { firstIndex, greedy, sampler } = this.task;
    const indexes = greedy ? [GREEDY_INDEX] : [];
    for (let index = firstIndex; index < sampler.k; index += 1) indexes.push(index);
    this.liveSamples = indexes.length;
    const walkers = indexes.map((index) => ({ index, margins: [] }));
    const root: TreeNode = {
      parent: null,
      tokenId: -1,
      length: 0,
      row: 0,
      prefix: EMPTY_PREFIX,
      logProb: 0,
      modelLogProb: 0,
      walkers,
      followed: null,
      keptEdge: -1,
    };
    const children = this.branch([root], prefill.logits);
    await this.descend(children, prefill.cache);
    return { steps: this.steps, rows: this.rows };
  }

  /** Runs `nodes`, whose rows refer to `cache`, to their ends. Does not release `cache`. */
  private async descend(nodes: readonly TreeNode[], cache: KvCache): Promise<void> {
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

  private async descendInWaves(nodes: readonly TreeNode[], cache: KvCache): Promise<void> {
    for (let start = 0; start < nodes.length; start += this.options.maxRows) {
      await this.descend(nodes.slice(start, start + this.options.maxRows), cache);
    }
  }

  private async forward(nodes: readonly TreeNode[], parent: KvCache) {
    this.steps += 1;
    this.rows += nodes.length;
    await this.options.onStep({
      step: this.steps,
      liveRows: nodes.length,
      liveSamples: this.liveSamples,
    });
    const rows = nodes.map((node) => node.row);
    const tokenIds = nodes.map((node) => node.tokenId);
    return stepRows(this.engine, parent, rows, tokenIds);
  }

  /** Lets every walker draw; row i of `logits` is that of `nodes[i]`. Returns the live children. */
  private branch(nodes: readonly TreeNode[], logits: Float32Array): TreeNode[] {
    const { vocabSize } = this.engine;
    return nodes.flatMap((node, row) => {
      const rowLogits = logits.subarray(row * vocabSize, (row + 1) * vocabSize);
      return this.grow(node, row, rowLogits).filter((child) => !this.finish(child));
    });
  }

  /** The children of a node that some walker drew or that are followed, in token-id order. */
  private grow(node: TreeNode, row: number, logits: Float32Array): TreeNode[] {
    const policy = policyOf(logits, needsSampler(node) ? this.task.sampler : GREEDY);
    const groups = this.drawAll(node, policy, logits);
    this.addFollowed(node, policy, groups);
    const tokens = [...groups].sort(([a], [b]) => a - b);
    const keptEdges = this.keep(node, logits, policy, tokens);
    const children = tokens.flatMap(([tokenId, walkers]) => {
      const keptEdge = keptEdges.get(tokenId) ?? -1;
      const child = this.childOf({ parent: node, tokenId, row, walkers, keptEdge }, policy);
      return this.options.merge === false
        ? walkers.map((walker) => ({ ...child, walkers: [walker] }))
        : [child];
    });
    this.closeFollowed(node, children);
    return children;
  }

  private childOf(
    own: Pick<TreeNode, 'tokenId' | 'row' | 'walkers' | 'keptEdge'> & { parent: TreeNode },
    policy: Policy,
  ): TreeNode {
    const { parent, tokenId, row, walkers, keptEdge } = own;
    const probability = policy.probabilities[tokenId] ?? 0;
    // Field by field: this is made for every row of every step, and spreading takes as long as a draw.
    const child: TreeNode = {
      parent,
      tokenId,
      length: parent.length + 1,
      row,
      prefix: this.decoder.extend(parent.prefix, tokenId),
      logProb: Math.log(probability),
      modelLogProb: policy.modelLogProb(tokenId),
      walkers,
      followed: null,
      keptEdge,
    };
    child.followed = this.followedBy(parent, child, probability);
    return child;
  }

  /** Keeps a node for re-weighting, with the tokens that samples drew; returns their edges. */
  private keep(
    node: TreeNode,
    logits: Float32Array,
    policy: Policy,
    tokens: readonly (readonly [number, readonly Walker[]])[],
  ): Map<number, number> {
    const drawn = tokens
      .filter(([, walkers]) => sampledIndexes(walkers).length > 0)
      .map(([tokenId]) => ({ tokenId, logProb: Math.log(policy.probabilities[tokenId] ?? 0) }));
    if (this.options.keep === undefined || drawn.length === 0) return new Map();
    const first = this.options.keep.addNode(node.keptEdge, logits, drawn);
    return new Map(drawn.map(({ tokenId }, i) => [tokenId, first + i]));
  }

  /** Adds the tokens that nobody drew and whose probability given the trace reaches the floor. */
  private addFollowed(node: TreeNode, policy: Policy, groups: Map<number, Walker[]>): void {
    const { followed } = node;
    if (followed === null) return;
    policy.probabilities.forEach((probability, tokenId) => {
      const reaches = followed.mass * probability >= this.branchFloor;
      if (reaches && !groups.has(tokenId)) groups.set(tokenId, []);
    });
  }

  /** A child continues its parent's trace while it reaches the floor, or begins one at `<answer>`. */
  private followedBy(node: TreeNode, child: TreeNode, probability: number): TreeNode['followed'] {
    if (node.followed !== null) {
      const mass = node.followed.mass * probability;
      return mass >= this.branchFloor ? { tally: node.followed.tally, mass } : null;
    }
    const { answerDistributions } = this.task;
    if (answerDistributions === undefined || this.options.merge === false) return null;
    if (!child.prefix.text.includes(OPENING_TAG) || node.prefix.text.includes(OPENING_TAG))
      return null;
    if (this.finishReasonOf(child) !== null) return null;
    const indexes = sampledIndexes(child.walkers);
    if (indexes.length === 0) return null;
    return { tally: new TraceTally(answerDistributions.question, child.length, indexes), mass: 1 };
  }

  /** Tells the node's tally how many branches go on and which samples do not go with them. */
  private closeFollowed(node: TreeNode, children: readonly TreeNode[]): void {
    const tally = node.followed?.tally;
    if (tally === undefined) return;
    for (const child of children) {
      if (child.followed === null) sampledIndexes(child.walkers).forEach((i) => tally.leave(i));
    }
    tally.replace(children.filter((child) => child.followed !== null).length);
    this.reportComplete(tally);
  }

  private reportComplete(tally: TraceTally): void {
    if (tally.isComplete) this.options.onTrace?.(tally.result());
  }

  /** The walkers of a node grouped by the token that each drew. */
  private drawAll(node: TreeNode, policy: Policy, logits: Float32Array): Map<number, Walker[]> {
    const groups = new Map<number, Walker[]>();
    for (const walker of node.walkers) {
      const isGreedy = walker.index === GREEDY_INDEX;
      const own = isGreedy && needsSampler(node) ? policyOf(logits, GREEDY) : policy;
      const draw = own.draw(isGreedy ? 0.5 : this.uniform(walker.index, node.length));
      walker.margins.push(Math.min(draw.margin, own.edgeMargin));
      const group = groups.get(draw.tokenId);
      if (group) group.push(walker);
      else groups.set(draw.tokenId, [walker]);
    }
    return groups;
  }

  /** Reports the walkers of a finished node; `false` when the node lives on. */
  private finish(node: TreeNode): boolean {
    const finishReason = this.finishReasonOf(node);
    if (finishReason === null) return false;
    const { text } = node.prefix;
    if (node.followed !== null) {
      node.followed.tally.add(text, node.followed.mass);
      this.reportComplete(node.followed.tally);
    }
    if (node.walkers.length === 0) return true;
    const path = pathTo(node);
    for (const { index, margins } of node.walkers) {
      this.liveSamples -= 1;
      // The greedy answer's own policy puts all mass on each of its tokens.
      const logProbs = index === GREEDY_INDEX ? path.logProbs.map(() => 0) : path.logProbs;
      if (index !== GREEDY_INDEX) this.options.keep?.addLeaf(index, node.keptEdge);
      this.options.onSample({ index, ...path, logProbs, text, finishReason }, margins);
    }
    return true;
  }

  private finishReasonOf({ tokenId, length, prefix }: TreeNode) {
    const written = { lastTokenId: tokenId, length, text: prefix.text };
    return finishReasonOf(this.engine, written, this.task.sampler.maxNewTokens);
  }
}
