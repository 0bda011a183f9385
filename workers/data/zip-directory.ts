/**
 * The table of contents of a zip file, read from its end.
 *
 * Rejected: fflate's streaming `Unzip`, which reads entries in file order and finds their ends by
 * searching for signatures. A `File` can be read anywhere, so the directory gives exact sizes, the
 * train and validation arrays are not even read, and truncated or encrypted files show at once.
 */
import { npzInvalid } from './npz-errors.ts';

export interface ZipEntry {
  readonly name: string;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  readonly isEncrypted: boolean;
  readonly crc32: number;
  readonly packedBytes: number;
  readonly sizeBytes: number;
  /** Where the entry's local header starts. */
  readonly headerOffset: number;
}

const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const MAX_COMMENT_BYTES = 0xffff;
const LOCATOR_SIGNATURE = 0x07064b50;
const LOCATOR_BYTES = 20;
const END64_SIGNATURE = 0x06064b50;
const END64_BYTES = 56;
const ENTRY_SIGNATURE = 0x02014b50;
const ENTRY_BYTES = 46;
const LOCAL_SIGNATURE = 0x04034b50;
const LOCAL_BYTES = 30;
const ZIP64_FIELD = 0x0001;
const IN_ZIP64 = 0xffffffff;
const MAX_DIRECTORY_BYTES = 2 ** 20;
/** A key of an npz is a name such as `test_images`; more entries than this is no such file. */
const MAX_ENTRIES = 1024;

/** Bytes of a file that the user may move, change or eject while it is read. */
export async function bytesOf(blob: Blob, start: number, end: number): Promise<Uint8Array> {
  try {
    return new Uint8Array(await blob.slice(start, end).arrayBuffer());
  } catch {
    throw npzInvalid('The .npz could not be read: was it moved or changed?', 'Open it again.');
  }
}

async function viewOf(blob: Blob, start: number, end: number): Promise<DataView> {
  return new DataView((await bytesOf(blob, start, end)).buffer);
}

function uint64(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
}

async function notAZip(blob: Blob): Promise<Error> {
  if (blob.size === 0) return npzInvalid('The file is empty.');
  const start = await viewOf(blob, 0, 4);
  if (start.byteLength === 4 && start.getUint32(0, true) === LOCAL_SIGNATURE) {
    return npzInvalid('The .npz is truncated: its table of contents is missing.');
  }
  return npzInvalid('This is not a .npz: it is no zip file.');
}

/** Where the directory lies: its start, length and number of entries. */
async function findDirectory(
  blob: Blob,
): Promise<{ start: number; sizeBytes: number; entryCount: number }> {
  const tailStart = Math.max(0, blob.size - END_BYTES - MAX_COMMENT_BYTES);
  const tail = await viewOf(blob, tailStart, blob.size);
  let at = tail.byteLength - END_BYTES;
  while (at >= 0 && tail.getUint32(at, true) !== END_SIGNATURE) at--;
  if (at < 0) throw await notAZip(blob);
  const end = {
    entryCount: tail.getUint16(at + 10, true),
    sizeBytes: tail.getUint32(at + 12, true),
    start: tail.getUint32(at + 16, true),
  };
  const locatorAt = at - LOCATOR_BYTES;
  if (locatorAt < 0 || tail.getUint32(locatorAt, true) !== LOCATOR_SIGNATURE) return end;
  const end64At = uint64(tail, locatorAt + 8);
  const end64 = await viewOf(blob, end64At, end64At + END64_BYTES);
  if (end64.byteLength < END64_BYTES || end64.getUint32(0, true) !== END64_SIGNATURE) {
    throw npzInvalid('The .npz is broken: its zip64 table of contents is missing.');
  }
  return {
    entryCount: uint64(end64, 32),
    sizeBytes: uint64(end64, 40),
    start: uint64(end64, 48),
  };
}

/** Replaces 32-bit fields that say "see zip64" by the 64-bit ones, in the order of the format. */
function widen(fields: number[], extra: DataView): number[] {
  for (let at = 0; at + 4 <= extra.byteLength;) {
    const fieldBytes = extra.getUint16(at + 2, true);
    if (extra.getUint16(at, true) === ZIP64_FIELD) {
      let next = at + 4;
      return fields.map((field) => {
        if (field !== IN_ZIP64 || next + 8 > Math.min(at + 4 + fieldBytes, extra.byteLength)) {
          return field;
        }
        next += 8;
        return uint64(extra, next - 8);
      });
    }
    at += 4 + fieldBytes;
  }
  return fields;
}

/** @throws NpzInvalid for anything that is not a complete zip file */
export async function readZipDirectory(blob: Blob): Promise<ZipEntry[]> {
  const { start, sizeBytes, entryCount } = await findDirectory(blob);
  if (start + sizeBytes > blob.size) {
    throw npzInvalid('The .npz is truncated: its table of contents lies beyond its end.');
  }
  if (entryCount > MAX_ENTRIES || sizeBytes > MAX_DIRECTORY_BYTES) {
    throw npzInvalid(`The zip file lists ${entryCount} entries, which no MedMNIST file does.`);
  }
  const view = await viewOf(blob, start, start + sizeBytes);
  const entries: ZipEntry[] = [];
  for (let at = 0; entries.length < entryCount;) {
    if (at + ENTRY_BYTES > view.byteLength || view.getUint32(at, true) !== ENTRY_SIGNATURE) {
      throw npzInvalid('The .npz is broken: its table of contents ends too early.');
    }
    const nameBytes = view.getUint16(at + 28, true);
    const extraBytes = view.getUint16(at + 30, true);
    const next = at + ENTRY_BYTES + nameBytes + extraBytes + view.getUint16(at + 32, true);
    if (next > view.byteLength) {
      throw npzInvalid('The .npz is broken: its table of contents ends too early.');
    }
    const name = new Uint8Array(view.buffer, at + ENTRY_BYTES, nameBytes);
    const extra = new DataView(view.buffer, at + ENTRY_BYTES + nameBytes, extraBytes);
    const [size = 0, packed = 0, headerOffset = 0] = widen(
      [24, 20, 42].map((field) => view.getUint32(at + field, true)),
      extra,
    );
    entries.push({
      name: new TextDecoder().decode(name),
      method: view.getUint16(at + 10, true),
      isEncrypted: (view.getUint16(at + 8, true) & 1) === 1,
      crc32: view.getUint32(at + 16, true),
      packedBytes: packed,
      sizeBytes: size,
      headerOffset,
    });
    at = next;
  }
  return entries;
}

/** First byte of an entry's packed data. */
export async function packedStart(blob: Blob, entry: ZipEntry): Promise<number> {
  const local = await viewOf(blob, entry.headerOffset, entry.headerOffset + LOCAL_BYTES);
  if (local.byteLength < LOCAL_BYTES || local.getUint32(0, true) !== LOCAL_SIGNATURE) {
    throw npzInvalid(`${entry.name} is not where the .npz says it is: the file is broken.`);
  }
  const start =
    entry.headerOffset + LOCAL_BYTES + local.getUint16(26, true) + local.getUint16(28, true);
  if (start + entry.packedBytes > blob.size) {
    throw npzInvalid(`${entry.name} is truncated: the .npz ends inside it.`);
  }
  return start;
}
