/** When a text that is being generated ends, and what it reads: one rule for every way to decode. */

import type { FinishReason } from '../../src/core/types.ts';
import type { VlmEngine } from './engine.ts';

const CLOSING_TAG = '</answer>';

/** What was written so far. */
interface Written {
  /** −1 before the first. */
  readonly lastTokenId: number;
  /** Tokens. */
  readonly length: number;
  readonly text: string;
}

/** Why generation ends here; `null` while it goes on. */
export function finishReasonOf(
  engine: Pick<VlmEngine, 'endTokenIds'>,
  { lastTokenId, length, text }: Written,
  maxNewTokens: number,
): FinishReason | null {
  if (engine.endTokenIds.has(lastTokenId)) return 'end-of-sequence';
  if (text.includes(CLOSING_TAG)) return 'answer-closed';
  return length >= maxNewTokens ? 'length' : null;
}
