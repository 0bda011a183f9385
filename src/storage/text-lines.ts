/** A file read line by line: what is held is one line, and what the browser reads ahead. */

import { NamedError } from '../protocol/errors.ts';

export interface TextLine {
  /** From 1. */
  readonly line: number;
  /** Without its line end; `null` when the line is too long to be read. */
  readonly text: string | null;
}

export interface ReadOptions {
  readonly signal?: AbortSignal;
  /** Bytes read so far, of `file.size`. */
  readonly onBytes?: (bytes: number) => void;
}

/** Longest line, in characters: engines take no text of more than 2^29. */
export const LONGEST_LINE = 2 ** 28;

/**
 * Lines that are not blank. UTF-8; a byte-order mark and CRLF are understood.
 *
 * @throws NamedError `Cancelled`, or `RunFileInvalid` when the file cannot be read
 */
export async function* linesOf(
  file: Blob,
  { signal, onBytes }: ReadOptions = {},
  longest = LONGEST_LINE,
): AsyncGenerator<TextLine> {
  const reader = file.stream().getReader();
  const decoder = new TextDecoder();
  let bytes = 0;
  const lines = new LineCutter(longest);
  try {
    for (;;) {
      if (signal?.aborted) throw new NamedError('Cancelled', 'Reading the file was stopped.');
      const { value, done } = await reader.read().catch(unreadable);
      if (done) break;
      bytes += value.byteLength;
      onBytes?.(bytes);
      yield* lines.add(decoder.decode(value, { stream: true }));
    }
    yield* lines.add(`${decoder.decode()}\n`);
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function unreadable(cause: unknown): never {
  throw new NamedError(
    'RunFileInvalid',
    'The file could not be read to its end. If it was changed or moved meanwhile, choose it again.',
    { cause },
  );
}

/** Cuts text that comes in pieces at its line ends. */
class LineCutter {
  private line = 0;
  private parts: string[] = [];
  private length = 0;

  constructor(private readonly longest: number) {}

  *add(text: string): Generator<TextLine> {
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      this.keep(text.slice(start, end));
      start = end + 1;
      this.line += 1;
      const whole = this.parts.join('').replace(/\r$/u, '');
      const isTooLong = this.length > this.longest;
      this.parts = [];
      this.length = 0;
      if (isTooLong) yield { line: this.line, text: null };
      else if (/\S/u.test(whole)) yield { line: this.line, text: whole };
    }
    this.keep(text.slice(start));
  }

  private keep(part: string): void {
    this.length += part.length;
    if (this.length > this.longest) this.parts = [];
    else this.parts.push(part);
  }
}
