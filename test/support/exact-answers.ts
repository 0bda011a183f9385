/**
 * The exact answer distribution of a policy, by walking every prefix depth first: an independent
 * check of the sampler, too slow for the app. It shares the policy's definition (unit-tested against
 * PyTorch) and the parser with it, and nothing of the tree or the random streams.
 */

import { parseAnswer } from '../../src/core/parser.ts';
import type { SamplerSettings } from '../../src/core/types.ts';
import type { KvCache, VlmEngine } from '../../workers/vlm/engine.ts';
import { policyOf } from '../../workers/vlm/policy.ts';
import type { StoredItem } from './fixtures.ts';

export interface ExactAnswers {
  /** Probability by parsed answer; `null` is unparsed. */
  readonly probabilities: ReadonlyMap<string | null, number>;
  /** Mass of the prefixes that were not followed. */
  readonly residual: number;
}

export async function exactAnswers(
  engine: VlmEngine,
  item: StoredItem,
  sampler: SamplerSettings,
  smallestMass: number,
): Promise<ExactAnswers> {
  const probabilities = new Map<string | null, number>();
  let residual = 0;
  const isEnd = (tokenIds: readonly number[], text: string): boolean =>
    engine.endTokenIds.has(tokenIds.at(-1) ?? -1) ||
    text.includes('</answer>') ||
    tokenIds.length >= sampler.maxNewTokens;

  const walk = async (
    tokenIds: readonly number[],
    mass: number,
    logits: Float32Array,
    cache: KvCache,
  ): Promise<void> => {
    for (const [tokenId, probability] of policyOf(logits, sampler).probabilities.entries()) {
      const next = [...tokenIds, tokenId];
      const nextMass = mass * probability;
      if (nextMass === 0) continue;
      const text = engine.decode(next);
      if (isEnd(next, text)) {
        const { answer } = parseAnswer(text, item.question);
        probabilities.set(answer, (probabilities.get(answer) ?? 0) + nextMass);
      } else if (nextMass < smallestMass) residual += nextMass;
      else {
        const step = await engine.step(cache, [tokenId]);
        await walk(next, nextMass, step.logits, step.cache);
        engine.release(step.cache);
      }
    }
  };

  const { logits, cache } = await engine.prefill(item.image, item.userPrompt);
  await walk([], 1, logits, cache);
  engine.release(cache);
  return { probabilities, residual };
}
