/**
 * The exact distribution of answers of a policy as sampled: best-first expansion of the tree of
 * prefixes by probability, until what was not explored is below ε or a budget is spent.
 *
 * A pass runs the most probable open prefix through the model, and with it others from the same cache
 * that would be run anyway. For a residual below ε that is certain, not guessed (`OpenMass`). For a
 * budget it is not known, so the others may be a sixteenth as probable as the first at the least, or
 * as many as the share of the budget that is left for each token to come: a whole cache at once would
 * spend the budget of a long answer on breadth and reach no end.
 *
 * There is no floor: the children of a prefix come lazily, down to the last, so that the explored mass
 * and the residual add up to 1.
 *
 * Memory: caches and open children are kept below `memoryBytes`, a pass's copies included. What does
 * not fit is dropped, least probable batch first: its texts stay unexplored, and the bounds stay right.
 */

import type { ExactStatus } from '../../src/protocol/vlm.ts';
import { addMass, type AnswerMasses, type AnswerTree, type Prefix } from './answer-tree.ts';
import type { KvCache, Prefill, VlmEngine } from './engine.ts';
import { OpenMass } from './open-mass.ts';
import { OpenBatch, type OpenChild } from './open-batch.ts';
import { policyOf, type PolicySettings } from './policy.ts';
import { RankedChildren } from './ranked-children.ts';
import { stepRows } from './step-rows.ts';

/** Bytes of an open child: its probability and its place in the order. */
const CHILD_BYTES = 12;
/** How much less probable than a pass's first prefix its others may be. */
const LEAST_SHARE_OF_FIRST = 1 / 16;

export interface ExactOptions {
  readonly policy: PolicySettings;
  readonly maxNewTokens: number;
  /** Ends when the residual is below it. At 0 the whole tree is expanded. */
  readonly epsilon: number;
  /** Prefixes that may be run through the model, one row each. */
  readonly nodeBudget: number;
  /** Largest number of rows in one forward pass. */
  readonly maxRows: number;
  readonly memoryBytes: number;
  /** Called before every pass; `false` stops, a throw ends with that error. */
  readonly onPass: (progress: ExactProgress) => Promise<boolean>;
}

export interface ExactProgress {
  /** Explored probability by answer: the live table, which grows while the expansion goes on. */
  readonly masses: AnswerMasses;
  /** Forward passes after the start. */
  readonly passes: number;
  /** Prefixes run through the model in them, one row each. */
  readonly nodes: number;
  /** Ended texts that were found. */
  readonly leaves: number;
}

/**
 * Expands `tree` from the logits and the cache after its root; the cache stays valid and all others
 * are released. The most that is between two calls of `onPass` is one forward pass.
 */
export async function expandExactly(
  engine: VlmEngine,
  start: Prefill,
  tree: AnswerTree,
  options: ExactOptions,
): Promise<ExactProgress & { readonly status: ExactStatus }> {
  return new Expansion(engine, tree, options).run(start);
}

class Expansion {
  private readonly masses: AnswerMasses = new Map();
  private explored = 0;
  private droppedMass = 0;
  private isBudgetSpent = false;
  private passes = 0;
  private nodes = 0;
  private leaves = 0;
  private batches: OpenBatch[] = [];
  private readonly openMass = new OpenMass();

  constructor(
    private readonly engine: VlmEngine,
    private readonly tree: AnswerTree,
    private readonly options: ExactOptions,
  ) {}

  async run({ logits, cache }: Prefill): Promise<ExactProgress & { readonly status: ExactStatus }> {
    const { root } = this.tree;
    if (root.leaf) this.settle(root.leaf.answer, 1);
    else this.open([{ prefix: root, mass: 1 }], logits, cache, false);
    try {
      for (;;) {
        const status = this.status();
        if (status !== null) return { ...this.progress(), status };
        if (!(await this.options.onPass(this.progress()))) {
          return { ...this.progress(), status: 'stopped' };
        }
        await this.pass();
      }
    } finally {
      for (const batch of this.batches.slice()) this.close(batch);
    }
  }

  private progress(): ExactProgress {
    const { masses, passes, nodes, leaves } = this;
    return { masses, passes, nodes, leaves };
  }

  private get residual(): number {
    return Math.max(0, 1 - this.explored);
  }

  private status(): ExactStatus | null {
    if (this.residual < this.options.epsilon) return 'epsilon';
    if (this.isBudgetSpent) return 'budget';
    if (this.batches.length > 0) return null;
    return this.droppedMass > 0 ? 'memory' : 'epsilon';
  }

  /** Takes what is due from the batch of the most probable open prefix and runs it. */
  private async pass(): Promise<void> {
    const batch = this.batches.reduce((top, other) => (other.best > top.best ? other : top));
    const room = this.roomFor(batch);
    if (room === 0) return this.drop(batch);
    const children = this.takeDue(batch, room);
    const isRun = children.length > 0 && this.residual >= this.options.epsilon;
    if (isRun && this.nodes >= this.options.nodeBudget) this.isBudgetSpent = true;
    else if (isRun && batch.cache) {
      this.makeRoom(children.length * this.rowBytes(batch.cache), batch);
      await this.expand(batch.cache, children);
    }
    if (batch.best === 0) this.close(batch);
  }

  /** Rows that the next pass over a batch may have; 0 when memory holds none. */
  private roomFor({ cache, sizeBytes }: OpenBatch): number {
    const { maxRows, memoryBytes, nodeBudget } = this.options;
    if (cache === null) return maxRows;
    const fitting = Math.floor((memoryBytes - sizeBytes) / this.rowBytes(cache));
    // With the budget spent, what ends is still taken: up to the first prefix that goes on.
    return Math.min(maxRows, Math.max(0, fitting), Math.max(1, nodeBudget - this.nodes));
  }

  /** Bytes of one row of a pass after `cache`: its copy, its result, its children. */
  private rowBytes({ sizeBytes, rows, length }: KvCache): number {
    const rowBytes = sizeBytes / rows;
    return rowBytes + (rowBytes * (length + 1)) / length + this.engine.vocabSize * CHILD_BYTES;
  }

  /** Most probable first: ended children are settled, at most `room` others are returned. */
  private takeDue(batch: OpenBatch, room: number): OpenChild[] {
    const certainFrom = this.openMass.certainFrom(this.options.epsilon);
    const nearFrom = batch.best * LEAST_SHARE_OF_FIRST;
    const share = this.budgetShare(batch);
    const children: OpenChild[] = [];
    while (children.length < room && this.residual >= this.options.epsilon) {
      const isTurn = children.length === 0 && this.isMostProbable(batch);
      const isNear = batch.best >= nearFrom || children.length < share;
      const child = isTurn || (isNear && batch.best >= certainFrom) ? batch.take() : null;
      if (child === null) break;
      this.openMass.close(child.mass);
      const prefix = this.tree.grow(child.parent, child.tokenId);
      if (prefix.leaf) this.settle(prefix.leaf.answer, child.mass);
      else children.push({ ...child, parent: prefix });
    }
    return children;
  }

  /** Prefixes of the budget that is left, for each token that may follow a batch. */
  private budgetShare({ length }: OpenBatch): number {
    const { maxNewTokens, nodeBudget } = this.options;
    return (nodeBudget - this.nodes) / Math.max(1, maxNewTokens - length);
  }

  private isMostProbable({ best }: OpenBatch): boolean {
    return this.batches.every((other) => other.best <= best);
  }

  private async expand(cache: KvCache, children: readonly OpenChild[]): Promise<void> {
    const rows = children.map(({ parentRow }) => parentRow);
    const tokenIds = children.map(({ tokenId }) => tokenId);
    const step = await stepRows(this.engine, cache, rows, tokenIds);
    this.passes += 1;
    this.nodes += children.length;
    const expanded = children.map(({ parent, mass }) => ({ prefix: parent, mass }));
    this.open(expanded, step.logits, step.cache, true);
  }

  /** Opens the children of prefixes that were run; one that can only end needs no cache. */
  private open(
    expanded: readonly { readonly prefix: Prefix; readonly mass: number }[],
    logits: Float32Array,
    cache: KvCache,
    ownsCache: boolean,
  ): void {
    const { vocabSize } = this.engine;
    const [first] = expanded;
    const needsCache = (first?.prefix.tokenIds.length ?? 0) + 1 < this.options.maxNewTokens;
    if (ownsCache && !needsCache) this.engine.release(cache);
    try {
      const rows = expanded.map(({ prefix, mass }, row) => {
        const own = logits.subarray(row * vocabSize, (row + 1) * vocabSize);
        return { prefix, mass, row, children: this.childrenOf(prefix, mass, own) };
      });
      this.batches.push(new OpenBatch(needsCache ? cache : null, ownsCache && needsCache, rows));
    } catch (thrown) {
      if (ownsCache && needsCache) this.engine.release(cache);
      throw thrown;
    }
  }

  private childrenOf(prefix: Prefix, mass: number, logits: Float32Array): RankedChildren {
    this.tree.keepLogits(prefix, logits);
    const { probabilities } = policyOf(logits, this.options.policy);
    for (const p of probabilities) if (p * mass > 0) this.openMass.open(p * mass);
    return new RankedChildren(probabilities);
  }

  private settle(answer: string | null, mass: number): void {
    addMass(this.masses, answer, mass);
    this.explored += mass;
    this.leaves += 1;
  }

  /** Drops the least probable batches but `kept` until `bytes` more fit. */
  private makeRoom(bytes: number, kept: OpenBatch): void {
    const sum = (): number => this.batches.reduce((total, batch) => total + batch.sizeBytes, bytes);
    while (sum() > this.options.memoryBytes) {
      const others = this.batches.filter((batch) => batch !== kept && batch.sizeBytes > 0);
      if (others.length === 0) return;
      this.drop(others.reduce((least, batch) => (batch.best < least.best ? batch : least)));
    }
  }

  /** Its open children can be expanded no more: their mass stays residual. */
  private drop(batch: OpenBatch): void {
    this.droppedMass += batch.openMass;
    this.close(batch);
  }

  private close(batch: OpenBatch): void {
    if (batch.ownsCache && batch.cache) this.engine.release(batch.cache);
    this.batches = this.batches.filter((other) => other !== batch);
  }
}
