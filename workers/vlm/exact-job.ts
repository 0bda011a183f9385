/**
 * One request for the exact distribution, from the tokens of a given beginning to the reply. The last
 * tree stays, so that it can be weighed under another policy.
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

export class ExactJobs {
  private last: { readonly tree: AnswerTree; readonly question: Question } | null = null;

  /** The prefill's cache stays valid. */
  async run(
    engine: VlmEngine,
    prefill: Prefill,
    request: ExactRequest,
    calls: ExactCalls,
  ): Promise<ExactReply> {
    this.last = null;
    requireLimits(request);
    const { question, sampler, prefix, epsilon, nodeBudget } = request;
    const { maxNewTokens } = sampler;
    const prefixTokenIds = typeof prefix === 'string' ? engine.encode(prefix) : (prefix ?? []);
    const tree = new AnswerTree(engine, {
      question,
      maxNewTokens,
      givenTokenIds: prefixTokenIds,
      logitsBytes: LOGITS_BYTES,
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
      this.last = { tree, question };
      return { ...report(result), status: result.status, prefixTokenIds };
    } finally {
      if (start !== prefill) engine.release(start.cache);
    }
  }

  /** The last tree's bounds under another policy; its logits hold whatever its own filters were. */
  reweighted(target: PolicySettings): ExactReweightReply {
    if (this.last === null) {
      return { bounds: null, reason: 'There is no exact distribution yet to be re-weighted.' };
    }
    const masses = this.last.tree.reweighted(target);
    if (masses === null) {
      const reason = `The logits of this tree exceed ${String(LOGITS_BYTES / 2 ** 20)} MiB and were not kept; compute it again with the new settings.`;
      return { bounds: null, reason };
    }
    return { bounds: answerBounds(masses, this.last.question), reason: null };
  }

  forget(): void {
    this.last = null;
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
