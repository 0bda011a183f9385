/**
 * The bytes of one zip entry as a stream of small pieces, so that reading can stop early, be
 * cancelled, and never holds more than a piece of what nobody asked for.
 */
import { Inflate } from 'fflate';
import { NamedError } from '../../src/protocol/errors.ts';
import { npzInvalid } from './npz-errors.ts';
import { bytesOf, packedStart, type ZipEntry } from './zip-directory.ts';

/** What a reader needs from its job; an `AbortSignal` fits. */
export interface ReadJob {
  readonly aborted: boolean;
  /** Packed bytes read since the last call. */
  readonly onRead?: (readBytes: number) => void;
}

const STORED = 0;
const DEFLATED = 8;
const READ_BYTES = 256 * 1024;
/** Deflate expands at most 1,032 times, so a piece inflates to at most 17 MB at once. */
const INFLATE_BYTES = 16 * 1024;

/** Lets the worker hear a `cancel` message: a loop of microtasks never does. */
function nextMacrotask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  return crc;
});

/** CRC-32 of zip, continued from `crc` (0 at the start). */
export function crc32(crc: number, bytes: Uint8Array): number {
  let state = ~crc;
  for (const byte of bytes) state = (CRC_TABLE[(state ^ byte) & 0xff] ?? 0) ^ (state >>> 8);
  return ~state >>> 0;
}

async function* packedPieces(
  blob: Blob,
  entry: ZipEntry,
  job: ReadJob,
): AsyncGenerator<Uint8Array> {
  const start = await packedStart(blob, entry);
  const end = start + entry.packedBytes;
  for (let at = start; at < end; at += READ_BYTES) {
    await nextMacrotask();
    if (job.aborted) throw new NamedError('Cancelled', 'Reading the .npz was stopped.');
    const piece = await bytesOf(blob, at, Math.min(at + READ_BYTES, end));
    job.onRead?.(piece.length);
    yield piece;
  }
}

async function* inflatedPieces(
  pieces: AsyncGenerator<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array> {
  let inflated: Uint8Array[] = [];
  const inflate = new Inflate((piece) => inflated.push(piece));
  try {
    for await (const piece of pieces) {
      for (let at = 0; at < piece.length; at += INFLATE_BYTES) {
        inflate.push(piece.subarray(at, at + INFLATE_BYTES));
        yield* inflated;
        inflated = [];
      }
    }
    inflate.push(new Uint8Array(), true);
  } catch (error) {
    if (error instanceof NamedError) throw error;
    throw npzInvalid(`${name} is damaged: its compressed data cannot be unpacked.`);
  }
  yield* inflated;
}

/**
 * Yields the unpacked bytes, never more than the directory declares. A reader that takes all of
 * them also gets the size and the checksum verified.
 *
 * @throws NpzInvalid (encrypted, unknown method, damaged, wrong size or checksum), Cancelled
 */
export async function* entryBytes(
  blob: Blob,
  entry: ZipEntry,
  job: ReadJob,
): AsyncGenerator<Uint8Array> {
  const { name, method, sizeBytes } = entry;
  if (entry.isEncrypted) {
    throw npzInvalid(`${name} is encrypted.`, 'Unpack the file and zip it without a password.');
  }
  if (method !== STORED && method !== DEFLATED) {
    throw npzInvalid(
      `${name} is packed with method ${method}, not deflate.`,
      'Save it again with numpy.savez_compressed.',
    );
  }
  const packed = packedPieces(blob, entry, job);
  let unpackedBytes = 0;
  let crc = 0;
  for await (const piece of method === STORED ? packed : inflatedPieces(packed, name)) {
    unpackedBytes += piece.length;
    if (unpackedBytes > sizeBytes) {
      throw npzInvalid(`${name} unpacks to more than the ${sizeBytes} bytes that it declares.`);
    }
    crc = crc32(crc, piece);
    yield piece;
  }
  if (unpackedBytes < sizeBytes) {
    throw npzInvalid(`${name} is truncated: ${unpackedBytes} of ${sizeBytes} bytes are there.`);
  }
  if (crc !== entry.crc32) throw npzInvalid(`${name} is damaged: its checksum is wrong.`);
}
