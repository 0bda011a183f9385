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

import type { RgbImage, Sample, SamplerSettings } from '../../src/core/types.ts';
import type { KvCache, Prefill, VlmEngine } from './engine.ts';
import { completeText, finishReasonOf } from './finish-reason.ts';
import { drawToken, policyOf, type Policy, type PolicySettings } from './policy.ts';
import { uniformStream } from './random.ts';

export const GREEDY_INDEX = -1;
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

/** One walker's past; shared by reference between walkers until they part. */
interface Walker {
  readonly index: number;
  readonly logProbs: readonly number[];
  readonly modelLogProbs: readonly number[];
  readonly margins: readonly number[];
}

/** A distinct prefix with the walkers on it. `row` is its row in the cache that produced it. */
interface Node {
  readonly row: number;
  readonly tokenIds: readonly number[];
  readonly tokenTexts: readonly string[];
  readonly text: string;
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
  private steps = 0;
  private rows = 0;
  private liveSamples = 0;

  constructor(
    private readonly engine: VlmEngine,
    private readonly task: SamplingTask,
    private readonly options: SamplingOptions,
  ) {
    this.uniform = uniformStream(task.sampler.seed, task.itemId);
  }

  async run(prefill: Prefill): Promise<SamplingCost> {
    const { firstIndex, greedy, sampler } = this.task;
    const indexes = greedy ? [GREEDY_INDEX] : [];
    for (let index = firstIndex; index < sampler.k; index += 1) indexes.push(index);
    this.liveSamples = indexes.length;
    const walkers = indexes.map((index) => ({
      index,
      logProbs: [],
      modelLogProbs: [],
      margins: [],
    }));
    const root: Node = { row: 0, tokenIds: [], tokenTexts: [], text: '', walkers };
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
        current = this.branch(
          current.map((node, row) => ({ ...node, row })),
          logits,
        );
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
        nodes.map((node) => node.tokenIds.at(-1) ?? 0),
      );
    } finally {
      if (moved) this.engine.release(gathered);
    }
  }

  /** Lets every walker draw; returns the live children and reports the finished samples. */
  private branch(nodes: readonly Node[], logits: Float32Array): Node[] {
    const { vocabSize } = this.engine;
    return nodes.flatMap((node) => {
      const row = logits.subarray(node.row * vocabSize, (node.row + 1) * vocabSize);
      return this.grow(node, this.drawAll(node, row)).filter((child) => !this.finish(child));
    });
  }

  /** The walkers of a node grouped by the token that each drew, in token-id order. */
  private drawAll(node: Node, logits: Float32Array): Map<number, Walker[]> {
    const policies = new Map<boolean, Policy>();
    const groups = new Map<number, Walker[]>();
    for (const walker of node.walkers) {
      const isGreedy = walker.index === GREEDY_INDEX;
      const policy =
        policies.get(isGreedy) ?? policyOf(logits, isGreedy ? GREEDY : this.task.sampler);
      policies.set(isGreedy, policy);
      const uniform = isGreedy ? 0.5 : this.uniform(walker.index, node.tokenIds.length);
      const draw = drawToken(policy, uniform);
      const group = groups.get(draw.tokenId) ?? [];
      groups.set(draw.tokenId, group);
      group.push({
        index: walker.index,
        logProbs: [...walker.logProbs, Math.log(policy.probabilities[draw.tokenId] ?? 0)],
        modelLogProbs: [...walker.modelLogProbs, policy.modelLogProbs[draw.tokenId] ?? -Infinity],
        margins: [...walker.margins, Math.min(draw.margin, policy.edgeMargin)],
      });
    }
    return new Map([...groups].sort(([a], [b]) => a - b));
  }

  private grow(node: Node, groups: Map<number, Walker[]>): Node[] {
    return [...groups].flatMap(([tokenId, walkers]) => {
      const tokenIds = [...node.tokenIds, tokenId];
      const text = completeText(this.engine, tokenIds);
      const tokenTexts = [...node.tokenTexts, text.slice(node.text.length)];
      const child = { row: node.row, tokenIds, tokenTexts, text };
      return this.options.merge === false
        ? walkers.map((walker) => ({ ...child, walkers: [walker] }))
        : [{ ...child, walkers }];
    });
  }

  /** Reports the walkers of a finished node; `false` when the node lives on. */
  private finish(node: Node): boolean {
    const finishReason = finishReasonOf(this.engine, node, this.task.sampler.maxNewTokens);
    if (finishReason === null) return false;
    for (const walker of node.walkers) {
      this.liveSamples -= 1;
      const { tokenIds, tokenTexts, text } = node;
      const { index, logProbs, modelLogProbs, margins } = walker;
      const sample = { index, tokenIds, tokenTexts, logProbs, modelLogProbs, text, finishReason };
      this.options.onSample(sample, margins);
    }
    return true;
  }
}
