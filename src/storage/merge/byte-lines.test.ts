import { expect, test } from 'vitest';
import { byteLinesOf, decodedLine, type ByteLine } from './byte-lines.ts';

async function linesOf(text: string, size: number, longest?: number): Promise<ByteLine[]> {
  const bytes = new TextEncoder().encode(text);
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += size) {
      yield await Promise.resolve(bytes.subarray(at, at + size));
    }
  }
  const lines: ByteLine[] = [];
  for await (const line of byteLinesOf(pieces(), longest)) lines.push(line);
  return lines;
}

test('however the bytes come, each line is told with its number and its place', async () => {
  const text = '\uFEFF{"a":"ü検"}\r\n\n  \nß\nlast';
  const bytes = new TextEncoder().encode(text);
  for (const size of [1, 2, 3, 100]) {
    const lines = await linesOf(text, size);
    expect(lines.map(({ line, text: one }) => [line, one])).toEqual([
      [1, '{"a":"ü検"}'],
      [4, 'ß'],
      [5, 'last'],
    ]);
    for (const { start, end, text: one } of lines) {
      expect(decodedLine([bytes.slice(start, end)])).toBe(one);
    }
  }
});

test('a line that is too long is told and not held', async () => {
  const lines = await linesOf(`ab\n${'x'.repeat(50)}\ncd\n`, 4, 20);
  expect(lines.map(({ line, text }) => [line, text])).toEqual([
    [1, 'ab'],
    [2, null],
    [3, 'cd'],
  ]);
});
