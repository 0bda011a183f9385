/** The run whose logits are kept for re-weighting, and when another one goes on with it. */

import type { RgbImage } from '../../src/core/types.ts';
import type { AnswerRequest } from '../../src/protocol/vlm.ts';
import type { KeptTree } from './kept-tree.ts';

/** The tree of the last run that was to be kept, for re-weighting. */
export interface KeptRun {
  readonly request: AnswerRequest;
  readonly tree: KeptTree;
}

export function sameImage(a: RgbImage, b: RgbImage): boolean {
  if (a.width !== b.width || a.height !== b.height || a.data.length !== b.data.length) return false;
  for (let i = 0; i < a.data.length; i += 1) if (a.data[i] !== b.data[i]) return false;
  return true;
}

/** Are the samples of `next` those that follow the kept ones, of the same streams and policy? */
export function continues({ request: last, tree }: KeptRun, next: AnswerRequest): boolean {
  const a = last.sampler;
  const b = next.sampler;
  return (
    next.firstIndex > 0 &&
    next.firstIndex === a.k &&
    // A run that was stopped lacks some.
    next.firstIndex === tree.sampleCount &&
    next.itemId === last.itemId &&
    next.promptText === last.promptText &&
    sameImage(next.image, last.image) &&
    a.temperature === b.temperature &&
    a.topK === b.topK &&
    a.topP === b.topP &&
    a.minP === b.minP &&
    a.maxNewTokens === b.maxNewTokens &&
    a.seed === b.seed
  );
}
