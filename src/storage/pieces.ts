/** Pieces of a file on their way to it: into a Blob, or into a file that the browser writes. */

import { NamedError } from '../protocol/errors.ts';

export type Piece = string | Uint8Array<ArrayBuffer>;
export type Pieces = AsyncIterable<Piece> | Iterable<Piece>;

/** From this size on pieces become a Blob of their own, which the browser keeps outside the page. */
const BLOB_CHARACTERS = 4 * 2 ** 20;

/**
 * A Blob of which the page holds at most a few megabytes at a time.
 *
 * @param type MIME type
 */
export async function blobOf(pieces: Pieces, type: string): Promise<Blob> {
  const blobs: Blob[] = [];
  let waiting: Piece[] = [];
  let size = 0;
  for await (const piece of pieces) {
    waiting.push(piece);
    size += piece.length;
    if (size < BLOB_CHARACTERS) continue;
    blobs.push(new Blob(waiting));
    [waiting, size] = [[], 0];
  }
  return new Blob([...blobs, ...waiting], { type });
}

/** The same as bytes. @param onBytes is told how many each piece has */
export async function* counted(
  pieces: Pieces,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Piece> {
  const encoder = new TextEncoder();
  for await (const piece of pieces) {
    const bytes = typeof piece === 'string' ? encoder.encode(piece) : piece;
    onBytes(bytes.byteLength);
    yield bytes;
  }
}

/**
 * Writes to a stream such as `FileSystemFileHandle.createWritable()` gives, at its pace, and closes it. What
 * ends the pieces early takes the file back: a browser keeps what was there before.
 *
 * @throws NamedError what the pieces throw, or `StorageFull` or `StorageFailed` of the file
 */
export async function writePieces(pieces: Pieces, stream: WritableStream<Piece>): Promise<void> {
  const writer = stream.getWriter();
  try {
    for await (const piece of pieces) await writer.write(piece);
    await writer.close();
  } catch (thrown) {
    await writer.abort(thrown).catch(() => undefined);
    throw fileError(thrown);
  }
}

function fileError(thrown: unknown): NamedError {
  if (thrown instanceof NamedError) return thrown;
  const { name, message } = thrown instanceof Error ? thrown : { name: '', message: '' };
  return name === 'QuotaExceededError'
    ? new NamedError('StorageFull', 'The disk is full: the file was not written.', {
        cause: thrown,
      })
    : new NamedError(
        'StorageFailed',
        `The file could not be written (${message}). Choose another place, and export again.`,
        { cause: thrown },
      );
}
