/** Reads one array of an `.npz`: its header alone, or its first rows. */
import { NamedError } from '../../src/protocol/errors.ts';
import { npzInvalid } from './npz-errors.ts';
import { dataBytes, MAX_HEADER_BYTES, parseNpyHeader, type NpyHeader } from './npy-header.ts';
import type { ZipEntry } from './zip-directory.ts';
import { entryBytes, type ReadJob } from './zip-entry.ts';

/** An array's entry with the key that messages name, e.g. `test_images`. */
export interface KeyedEntry {
  readonly key: string;
  readonly entry: ZipEntry;
}

export interface NpyArray {
  readonly header: NpyHeader;
  readonly bytes: Uint8Array;
}

function concatenate(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}

function allocate(sizeBytes: number, key: string): Uint8Array {
  try {
    return new Uint8Array(sizeBytes);
  } catch (cause) {
    const text = `This device has no ${Math.ceil(sizeBytes / 2 ** 20)} MiB free for ${key}.`;
    throw new NamedError('OutOfMemory', `${text} Open a smaller file.`, { cause });
  }
}

/** The bytes after the header, of which the first piece was read together with it. */
async function readHeader(
  pieces: AsyncGenerator<Uint8Array>,
  { key, entry }: KeyedEntry,
): Promise<{ header: NpyHeader; rest: Uint8Array }> {
  let start: Uint8Array = new Uint8Array();
  for (;;) {
    const header = parseNpyHeader(start, key);
    if (header !== null) {
      const declared = header.dataOffset + dataBytes(header);
      if (declared !== entry.sizeBytes) {
        throw npzInvalid(
          `${key} declares the shape (${header.shape.join(', ')}), which needs ${declared} bytes, but has ${entry.sizeBytes}.`,
        );
      }
      return { header, rest: start.subarray(header.dataOffset) };
    }
    const next = await pieces.next();
    if (next.done === true || start.length > MAX_HEADER_BYTES) {
      throw npzInvalid(`${key} has no readable numpy header.`);
    }
    start = concatenate(start, next.value);
  }
}

/** @throws NpzInvalid, Cancelled */
export async function readNpyHeader(
  blob: Blob,
  keyed: KeyedEntry,
  job: ReadJob,
): Promise<NpyHeader> {
  const pieces = entryBytes(blob, keyed.entry, job);
  try {
    return (await readHeader(pieces, keyed)).header;
  } finally {
    await pieces.return(undefined);
  }
}

/**
 * @param keepBytes judges the header (it may throw) and says how many bytes of data to keep; what
 *   comes after is neither unpacked nor read
 * @throws NpzInvalid, OutOfMemory, Cancelled, and what `keepBytes` throws
 */
export async function readNpyArray(
  blob: Blob,
  keyed: KeyedEntry,
  job: ReadJob,
  keepBytes: (header: NpyHeader) => number,
): Promise<NpyArray> {
  const pieces = entryBytes(blob, keyed.entry, job);
  try {
    const { header, rest } = await readHeader(pieces, keyed);
    const wantedBytes = Math.min(keepBytes(header), dataBytes(header));
    const bytes = allocate(wantedBytes, keyed.key);
    let filled = 0;
    const take = (piece: Uint8Array): void => {
      const part = piece.subarray(0, wantedBytes - filled);
      bytes.set(part, filled);
      filled += part.length;
    };
    take(rest);
    // reading on to the very end, where all is wanted, verifies size and checksum
    const wantsAll = wantedBytes === dataBytes(header);
    while (wantsAll || filled < wantedBytes) {
      const next = await pieces.next();
      if (next.done === true) break;
      take(next.value);
    }
    return { header, bytes };
  } finally {
    await pieces.return(undefined);
  }
}
