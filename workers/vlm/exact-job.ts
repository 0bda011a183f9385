/**
 * One request for the exact distribution, from the tokens of a given beginning to the reply. The tree of
 * a request with `keepAs` stays, so that it can be weighed under another policy; there is one at a time.
 */

import { answerBounds } from '../../src/core/answer-bounds.ts';
import type { PolicySettings, Question } from '../../src/core/types.ts';
import { NamedError } from '../../src/protocol/errors.ts';
import type {
  ExactEvent,
  ExactReply,
  ExactRequest,
  ExactReweightReply,
} from '../../src/protocol/vlm.ts';
import { AnswerTree } from './answer-tree.ts';
import type { Prefill, VlmEngine } from './engine.ts';
import { expandExactly, type ExactProgress } from './exact.ts';

/** Caches and open children that an expansion may hold. */
const MEMORY_BYTES = 512 * 2 ** 20;
/** Logits that a tree may keep for re-weighting. */
const LOGITS_BYTES = 256 * 2 ** 20;

export interface ExactCalls {
  readonly maxRows: number;
  readonly onEvent: (event: ExactEvent) => void;
  /** Asked before every forward pass; `false` stops. */
  readonly goesOn: () => Promise<boolean>;
  /** Since the job began. */
  readonly elapsedMs: () => number;
}

interface Kept {
  readonly keptAs: string;
  readonly tree: AnswerTree;
  readonly question: Question;
}

export class ExactJobs {
  private kept: Kept | null = null;

  /** The prefill's cache stays valid. */
  async run(
    engine: VlmEngine,
    prefill: Prefill,
    request: ExactRequest,
    calls: ExactCalls,
  ): Promise<ExactReply> {
    requireLimits(request);
    const { question, sampler, prefix, epsilon, nodeBudget, keepAs } = request;
    // Before the new tree grows: both together would take twice the memory.
    if (keepAs !== undefined) this.kept = null;
    const { maxNewTokens } = sampler;
    const prefixTokenIds = typeof prefix === 'string' ? engine.encode(prefix) : (prefix ?? []);
    const tree = new AnswerTree(engine, {
      question,
      maxNewTokens,
      givenTokenIds: prefixTokenIds,
      logitsBytes: keepAs === undefined ? 0 : LOGITS_BYTES,
    });
    const report = ({ masses, passes, nodes, leaves }: ExactProgress) => ({
      bounds: answerBounds(masses, question),
      ...{ passes, nodes, leaves },
      elapsedMs: calls.elapsedMs(),
    });
    const start =
      prefixTokenIds.length > 0 ? await engine.extend(prefill.cache, prefixTokenIds) : prefill;
    try {
      const result = await expandExactly(engine, start, tree, {
        policy: sampler,
        maxNewTokens,
        epsilon,
        nodeBudget,
        maxRows: calls.maxRows,
        memoryBytes: MEMORY_BYTES,
        onPass: (progress) => {
          calls.onEvent({ type: 'bounds', ...report(progress) });
          return calls.goesOn();
        },
      });
      if (keepAs !== undefined) this.kept = { keptAs: keepAs, tree, question };
      return { ...report(result), status: result.status, prefixTokenIds };
    } finally {
      if (start !== prefill) engine.release(start.cache);
    }
  }

  /** The kept tree's bounds under another policy; its logits hold whatever its own filters were. */
  reweighted(keptAs: string, target: PolicySettings): ExactReweightReply {
    const { kept } = this;
    if (kept === null) return { bounds: null, reason: 'nothing-computed' };
    if (kept.keptAs !== keptAs) return { bounds: null, reason: 'other-run-kept' };
    const masses = kept.tree.reweighted(target);
    if (masses === null) return { bounds: null, reason: 'logits-not-kept' };
    return { bounds: answerBounds(masses, kept.question), reason: null };
  }

  forget(): void {
    this.kept = null;
  }
}

function requireLimits({ epsilon, nodeBudget }: ExactRequest): void {
  if (!(epsilon >= 0 && epsilon <= 1)) {
    throw new NamedError('SamplerInvalid', 'ε must be a number from 0 to 1.');
  }
  if (!(nodeBudget >= 0)) {
    throw new NamedError('SamplerInvalid', 'The node budget must be a number of at least 0.');
  }
}
