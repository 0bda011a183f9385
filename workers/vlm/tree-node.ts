/** What the tree of prefixes is made of. */

import type { DrawnSample } from '../../src/core/types.ts';
import type { PrefixText } from './prefix-text.ts';
import type { TraceTally } from './trace-tally.ts';

/** The walker of the T = 0 answer. */
export const GREEDY_INDEX = -1;

/** A sample on its way. It is on one node at a time and moves along; only its margins are its own. */
export interface Walker {
  readonly index: number;
  readonly margins: number[];
}

/**
 * A distinct prefix with the walkers on it. Its past is shared through `parent`; `row` is its
 * parent's row in the cache from which the next forward pass gathers.
 */
export interface TreeNode {
  readonly parent: TreeNode | null;
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
  /** The trace that it continues, with its probability given the trace; `null` where none is followed. */
  followed: { readonly tally: TraceTally; readonly mass: number } | null;
  /** Its last token in the tree that is kept for re-weighting; −1 at the root and where none is. */
  readonly keptEdge: number;
}

export function sampledIndexes(walkers: readonly Walker[]): number[] {
  return walkers.map(({ index }) => index).filter((index) => index !== GREEDY_INDEX);
}

/** `false` where only the greedy walker is on the node. */
export function needsSampler({ walkers, followed }: TreeNode): boolean {
  return followed !== null || walkers.some(({ index }) => index !== GREEDY_INDEX);
}

/** The token arrays of a sample, one set for all samples that end on the node. */
export function pathTo(
  leaf: TreeNode,
): Pick<DrawnSample, 'tokenIds' | 'tokenTexts' | 'logProbs' | 'modelLogProbs'> {
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
