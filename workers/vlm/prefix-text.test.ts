import { expect, test } from 'vitest';
import { EMPTY_PREFIX, PrefixDecoder } from './prefix-text.ts';
import type { VlmEngine } from './engine.ts';
import { uniformStream } from './random.ts';

/** Tokens are byte strings: letters, halves of characters, whole ones, U+FFFD itself, a byte-order mark. */
const TOKENS: readonly (readonly number[])[] = [
  [0x61],
  [0x62, 0x63],
  [0xc3],
  [0xa9],
  [0xe2, 0x82],
  [0xac],
  [0xf0],
  [0x9f, 0xa7],
  [0xa0, 0x61],
  [0xc3, 0xa9, 0xc3],
  [0xef, 0xbf, 0xbd],
  [0xef, 0xbb, 0xbf],
  [],
];

function byteEngine(decodesBytes: boolean) {
  const calls: number[] = [];
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const decode = (tokenIds: readonly number[]): string => {
    calls.push(tokenIds.length);
    return decoder.decode(Uint8Array.from(tokenIds.flatMap((id) => TOKENS[id] ?? [])));
  };
  return { engine: { decodesBytes, decode } as VlmEngine, calls };
}

const whole = (engine: VlmEngine, ids: readonly number[]): string =>
  engine.decode(ids).replace(/\uFFFD+$/, '');

test.each([true, false])(
  '2,000 random prefixes have the text of the whole (bytes: %s)',
  (bytes) => {
    const { engine } = byteEngine(bytes);
    const uniform = uniformStream(3, 'prefix text');
    const decoder = new PrefixDecoder(engine);
    for (let run = 0; run < 200; run += 1) {
      const ids: number[] = [];
      let prefix = EMPTY_PREFIX;
      for (let t = 0; t < 10; t += 1) {
        ids.push(Math.floor(uniform(run, t) * TOKENS.length));
        prefix = decoder.extend(prefix, ids.at(-1) ?? 0);
        expect(prefix.text, ids.join(' ')).toBe(whole(engine, ids));
      }
    }
  },
);

test('behind whole characters only the new token is decoded, and once', () => {
  const { engine, calls } = byteEngine(true);
  const decoder = new PrefixDecoder(engine);
  let prefix = EMPTY_PREFIX;
  for (const id of [0, 1, 0, 1, 2, 3, 0]) prefix = decoder.extend(prefix, id);
  expect(prefix.text).toBe('abcabcéa');
  expect(calls).toEqual([1, 1, 1, 2]);
});

test('a decoder that does more than join bytes decodes the whole prefix', () => {
  const { engine, calls } = byteEngine(false);
  const decoder = new PrefixDecoder(engine);
  let prefix = EMPTY_PREFIX;
  for (const id of [0, 1, 0]) prefix = decoder.extend(prefix, id);
  expect(calls).toEqual([1, 2, 3]);
});
