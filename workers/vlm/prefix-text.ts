/**
 * The text of a growing prefix, token by token, equal to decoding the whole prefix every time.
 *
 * Where the engine says that its decoder joins bytes (`decodesBytes`), decode(a ++ b) = decode(a) +
 * decode(b) whenever decode(a) does not end in U+FFFD: a UTF-8 decoder that stops inside a character
 * emits U+FFFD last, so without one it is in its first state behind a. Only the tokens since such a
 * point are decoded again. Other decoders (word pieces, stripped blanks) decode the whole prefix.
 */

import type { VlmEngine } from './engine.ts';

export interface PrefixText {
  /** Without the bytes of a character that is not complete: they come with the token that ends it. */
  readonly text: string;
  /** `settled` is final; the text behind it is decoded from `pendingIds`. */
  readonly settled: string;
  readonly pendingIds: readonly number[];
}

export const EMPTY_PREFIX: PrefixText = { text: '', settled: '', pendingIds: [] };

export class PrefixDecoder {
  private readonly tokenTexts = new Map<number, string>();

  constructor(private readonly engine: Pick<VlmEngine, 'decode' | 'decodesBytes'>) {}

  /** The text of `prefix` with one more token. */
  extend(prefix: PrefixText, tokenId: number): PrefixText {
    const pendingIds = [...prefix.pendingIds, tokenId];
    const decoded = this.decode(pendingIds);
    const text = prefix.settled + decoded.replace(/\uFFFD+$/, '');
    return this.engine.decodesBytes === true && !decoded.endsWith('\uFFFD')
      ? { text, settled: text, pendingIds: [] }
      : { text, settled: prefix.settled, pendingIds };
  }

  private decode(tokenIds: readonly number[]): string {
    const [first, second] = tokenIds;
    if (first === undefined || second !== undefined) return this.engine.decode(tokenIds);
    const text = this.tokenTexts.get(first) ?? this.engine.decode(tokenIds);
    this.tokenTexts.set(first, text);
    return text;
  }
}
