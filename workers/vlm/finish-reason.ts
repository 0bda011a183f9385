/** When a text that is being generated ends, and what it reads: one rule for every way to decode. */

import type { FinishReason } from '../../src/core/types.ts';
import type { VlmEngine } from './engine.ts';

const CLOSING_TAG = '</answer>';

/** A token can end inside a character: its text then comes with the token that completes it. */
export function completeText(
  engine: Pick<VlmEngine, 'decode'>,
  tokenIds: readonly number[],
): string {
  // The library throws where there is nothing to decode.
  if (tokenIds.length === 0) return '';
  return engine.decode(tokenIds).replace(/\uFFFD+$/, '');
}

/** Why generation ends after `tokenIds`, whose text is `text`; `null` while it goes on. */
export function finishReasonOf(
  engine: Pick<VlmEngine, 'endTokenIds'>,
  { tokenIds, text }: { readonly tokenIds: readonly number[]; readonly text: string },
  maxNewTokens: number,
): FinishReason | null {
  if (engine.endTokenIds.has(tokenIds.at(-1) ?? -1)) return 'end-of-sequence';
  if (text.includes(CLOSING_TAG)) return 'answer-closed';
  return tokenIds.length >= maxNewTokens ? 'length' : null;
}
