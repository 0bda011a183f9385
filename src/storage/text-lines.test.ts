import { expect, test } from 'vitest';
import { linesOf } from './text-lines.ts';

async function cut(parts: readonly BlobPart[], longest?: number): Promise<unknown[]> {
  const lines: unknown[] = [];
  for await (const { line, text } of linesOf(new Blob([...parts]), {}, longest)) {
    lines.push([line, text]);
  }
  return lines;
}

test('line ends, blank lines, a byte-order mark and a missing last line end', async () => {
  expect(await cut(['\uFEFFa\r\n\n  \nb "ü"\u2028c\nd'])).toEqual([
    [1, 'a'],
    [4, 'b "ü"\u2028c'],
    [5, 'd'],
  ]);
  expect(await cut([''])).toEqual([]);
});

test('a line that is longer than what the browser reads at once, cut within a character', async () => {
  const long = 'é'.repeat(300_001);
  expect(await cut([`x${long}\n${long}`])).toEqual([
    [1, `x${long}`],
    [2, long],
  ]);
});

test('a line that is too long is not kept, and the next one is', async () => {
  expect(await cut(['a\n', '0123456789'.repeat(20_000), '\nb\n'], 100_000)).toEqual([
    [1, 'a'],
    [2, null],
    [3, 'b'],
  ]);
});
