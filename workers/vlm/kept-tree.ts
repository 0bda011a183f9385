/**
 * The tree of the last run as it was drawn, with the logits of its nodes, kept to re-weight its samples
 * towards another policy (`src/core/importance.ts` says towards which). A node is computed once a
 * target, however many samples went through it.
 *
 * Bounded: whole rows while they fit the budget; when they do not, all rows in their short form
 * (`kept-row.ts`); when these do not fit either, nothing.
 */

import {
  effectiveSampleSize,
  normalizedWeights,
  reweightRefusal,
} from '../../src/core/importance.ts';
import type { PolicySettings } from '../../src/core/types.ts';
import type { ReweightReply } from '../../src/protocol/vlm.ts';
import { bytesOf, keepRow, shortenRow, targetLogProbs, type KeptRow } from './kept-row.ts';

/** 35,000 whole rows of the built-in checkpoints; K = 1,024 in think mode takes about 20,000. */
export const KEPT_BYTES = 128 * 2 ** 20;

/** A token that samples drew at a node. */
interface Edge {
  readonly tokenId: number;
  /** ln p under the policy as sampled, nats. */
  readonly logProb: number;
}

interface KeptNode {
  /** The edge that leads here; −1 at a root. */
  readonly parentEdge: number;
  /** Its edges follow one another from here. */
  readonly firstEdge: number;
  readonly edgeCount: number;
  row: KeptRow;
}

export class KeptTree {
  private readonly nodes: KeptNode[] = [];
  private readonly edges: Edge[] = [];
  /** Sample index → its last edge. */
  private readonly leaves = new Map<number, number>();
  private bytes = 0;
  private form: 'whole' | 'short' | 'dropped' = 'whole';

  constructor(
    private readonly sampled: PolicySettings,
    private readonly maxBytes = KEPT_BYTES,
  ) {}

  get keptBytes(): number {
    return this.bytes;
  }

  /** Finished samples. */
  get sampleCount(): number {
    return this.leaves.size;
  }

  /**
   * A node that samples went through, parents first. A run that goes on begins with another root.
   *
   * @param parentEdge what `addNode` gave for the node's own last token; −1 at the root
   * @param logits raw, shape `[vocabSize]`; copied
   * @returns the edge of `drawn[0]`; those of the others follow
   */
  addNode(parentEdge: number, logits: Float32Array, drawn: readonly Edge[]): number {
    const firstEdge = this.edges.length;
    this.edges.push(...drawn);
    if (this.form === 'dropped') return firstEdge;
    const node = { parentEdge, firstEdge, edgeCount: drawn.length, row: keepRow(logits) };
    if (this.form === 'short') node.row = this.shortened(node);
    this.nodes.push(node);
    this.bytes += bytesOf(node.row);
    if (this.bytes > this.maxBytes) this.shrink();
    return firstEdge;
  }

  addLeaf(sampleIndex: number, edge: number): void {
    this.leaves.set(sampleIndex, edge);
  }

  /** Weights of all finished samples for `target`, or why there are none. */
  reweight(target: PolicySettings): ReweightReply {
    const refusal = reweightRefusal(this.sampled, target);
    if (refusal !== null) return { type: 'refused', reason: refusal };
    if (this.leaves.size === 0) return { type: 'refused', reason: 'nothing-sampled' };
    if (this.form === 'dropped') return { type: 'refused', reason: 'rows-not-kept' };
    const ratios = this.logRatios(target);
    if (ratios === null) return { type: 'refused', reason: 'cut-not-kept' };
    const leaves = [...this.leaves].sort(([a], [b]) => a - b);
    const logWeights = leaves.map(([, edge]) => ratios.logRatios[edge] ?? -Infinity);
    const weights = normalizedWeights(logWeights);
    return {
      type: 'weights',
      sampleIndexes: leaves.map(([index]) => index),
      logWeights,
      weights,
      effectiveSampleSize: effectiveSampleSize(weights),
      logWeightError: Math.max(...leaves.map(([, edge]) => ratios.errors[edge] ?? 0)),
    };
  }

  /** Per edge: ln of target over sampled probability of the tokens up to it, and the bound of its error. */
  private logRatios(target: PolicySettings) {
    const logRatios = new Float64Array(this.edges.length);
    const errors = new Float64Array(this.edges.length);
    for (const node of this.nodes) {
      const before = node.parentEdge < 0 ? 0 : (logRatios[node.parentEdge] ?? 0);
      const errorBefore = node.parentEdge < 0 ? 0 : (errors[node.parentEdge] ?? 0);
      const edges = this.edgesOf(node);
      // Behind a token that the target drops, nothing counts.
      const isDropped = before === -Infinity;
      const own = isDropped
        ? { logProbs: [], error: 0 }
        : targetLogProbs(
            node.row,
            edges.map(({ tokenId }) => tokenId),
            target,
          );
      if (own === null) return null;
      edges.forEach(({ logProb }, i) => {
        logRatios[node.firstEdge + i] = before + (own.logProbs[i] ?? -Infinity) - logProb;
        errors[node.firstEdge + i] = errorBefore + own.error;
      });
    }
    return { logRatios, errors };
  }

  private edgesOf({ firstEdge, edgeCount }: KeptNode): readonly Edge[] {
    return this.edges.slice(firstEdge, firstEdge + edgeCount);
  }

  private shortened(node: KeptNode): KeptRow {
    const drawn = this.edgesOf(node).map(({ tokenId }) => tokenId);
    return shortenRow(node.row, drawn, this.sampled.temperature);
  }

  private shrink(): void {
    if (this.form === 'whole' && this.sampled.temperature > 0) {
      this.form = 'short';
      for (const node of this.nodes) node.row = this.shortened(node);
      this.bytes = this.nodes.reduce((sum, { row }) => sum + bytesOf(row), 0);
      if (this.bytes <= this.maxBytes) return;
    }
    this.form = 'dropped';
    this.nodes.length = 0;
    this.bytes = 0;
  }
}
