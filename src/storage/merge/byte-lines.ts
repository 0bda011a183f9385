/** Lines of a file with where they are in it, so that a line can be read again without those before it. */

import { LONGEST_LINE } from '../text-lines.ts';

export interface ByteLine {
  /** From 1. */
  readonly line: number;
  /** Bytes of the file, the line end not among them. */
  readonly start: number;
  readonly end: number;
  /** `null` when the line is too long to be read. */
  readonly text: string | null;
}

const LINE_END = 10;

/** Lines that are not blank. UTF-8; a byte-order mark and CRLF are understood. */
export async function* byteLinesOf(
  pieces: AsyncIterable<Uint8Array>,
  longest = LONGEST_LINE,
): AsyncGenerator<ByteLine> {
  let line = 0;
  let start = 0;
  let waiting: Uint8Array[] = [];
  let length = 0;
  const keep = (part: Uint8Array): void => {
    length += part.byteLength;
    if (length > longest) waiting = [];
    else waiting.push(part);
  };
  const cut = (): ByteLine | null => {
    const end = start + length;
    const text = length > longest ? null : decodedLine(waiting);
    const one = { line: (line += 1), start, end, text };
    [start, waiting, length] = [end + 1, [], 0];
    return text === null || /\S/u.test(text) ? one : null;
  };
  for await (const piece of pieces) {
    let from = 0;
    for (let at = piece.indexOf(LINE_END); at >= 0; at = piece.indexOf(LINE_END, from)) {
      keep(piece.subarray(from, at));
      const one = cut();
      if (one) yield one;
      from = at + 1;
    }
    keep(piece.subarray(from));
  }
  const last = cut();
  if (last) yield last;
}

/** A line that was cut out of the file. */
export const decodedLine = (parts: readonly Uint8Array[]): string => {
  const decoder = new TextDecoder();
  const texts = parts.map((part) => decoder.decode(part, { stream: true }));
  return `${texts.join('')}${decoder.decode()}`.replace(/\r$/u, '');
};
