/**
 * Opens a MedMNIST `.npz` without trusting it: reads one split only, keeps images up to a stated
 * number of bytes, never unpickles. The arrays of the other splits are looked at for their counts
 * (header only) and not unpacked.
 */
import type { Split } from '../../src/core/types.ts';
import { IMAGE_SIDES, type DatasetId } from '../../src/data/medmnist.ts';
import { DATA_LIMITS } from '../../src/protocol/data.ts';
import { identifySet } from './identify-set.ts';
import { readNpyArray, readNpyHeader, type KeyedEntry } from './npy-array.ts';
import type { NpyHeader } from './npy-header.ts';
import { npzInvalid, npzTooLarge } from './npz-errors.ts';
import { checkLabelHeader, parseLabels } from './npz-labels.ts';
import { readZipDirectory, type ZipEntry } from './zip-directory.ts';
import type { ReadJob } from './zip-entry.ts';

export interface NpzImages {
  readonly candidates: readonly DatasetId[];
  readonly side: number;
  readonly channels: 1 | 3;
  readonly split: Split;
  /** Images in the file's split, and how many of them are kept (the first). */
  readonly splitCount: number;
  readonly imageCount: number;
  /** `imageCount · side · side · channels` bytes as in the file. */
  readonly pixels: Uint8Array;
  readonly labels: readonly (readonly number[])[];
}

const SPLITS: readonly Split[] = ['train', 'val', 'test'];
const EXPANSION_FLOOR_BYTES = 16 * 2 ** 20;

interface ImageShape {
  readonly count: number;
  readonly side: number;
  readonly channels: 1 | 3;
}

function gibibytes(sizeBytes: number): string {
  return `${(sizeBytes / 2 ** 30).toFixed(1)} GiB`;
}

function checkImageHeader(header: NpyHeader, key: string): ImageShape {
  const shape = `the shape (${header.shape.join(', ')})`;
  if (header.dtype !== 'u1') {
    throw npzInvalid(
      `${key} has the data type ${header.dtype}, not 8-bit pixels (|u1).`,
      'Save it with .astype(numpy.uint8).',
    );
  }
  if (header.isFortranOrder) {
    throw npzInvalid(`${key} is stored in Fortran order.`, 'Save it with numpy.ascontiguousarray.');
  }
  const [count = 0, height = 0, width = 0, channels = 1] = header.shape;
  const isImages = header.shape.length === 3 || header.shape.length === 4;
  if (!isImages || (channels !== 1 && channels !== 3)) {
    throw npzInvalid(`${key} has ${shape}, not (N, side, side) or (N, side, side, 3).`);
  }
  const side = IMAGE_SIDES.find((known) => known === height && known === width);
  if (side === undefined) {
    throw npzInvalid(`${key} has ${shape}; MedMNIST sides are ${IMAGE_SIDES.join(', ')}.`);
  }
  if (count === 0) throw npzInvalid(`${key} has ${shape}: there is no image in it.`);
  return { count, side, channels };
}

/** The array of a key, with a guard against an archive made to fill the memory. */
function findEntry(entries: readonly ZipEntry[], key: string): KeyedEntry | null {
  const [entry, twice] = entries.filter(({ name }) => name === `${key}.npy`);
  if (twice !== undefined) throw npzInvalid(`${key} is in the .npz twice.`);
  if (entry === undefined) return null;
  const isInflated = entry.sizeBytes > EXPANSION_FLOOR_BYTES;
  if (isInflated && entry.sizeBytes > entry.packedBytes * DATA_LIMITS.npzExpansion) {
    throw npzTooLarge(
      `${key} would unpack to ${gibibytes(entry.sizeBytes)}, over ${DATA_LIMITS.npzExpansion} times its packed size.`,
      'No MedMNIST file does; it was not unpacked.',
    );
  }
  return { key, entry };
}

function requireEntry(entries: readonly ZipEntry[], key: string): KeyedEntry {
  const found = findEntry(entries, key);
  if (found !== null) return found;
  const names = entries.map(({ name }) => name.replace(/\.npy$/, '')).slice(0, 8);
  throw npzInvalid(
    `${key} is missing; the file has ${names.length > 0 ? names.join(', ') : 'nothing'}.`,
    `Open a MedMNIST .npz with ${key.replace(/_.*/u, '')} images.`,
  );
}

async function countImages(
  file: Blob,
  entries: readonly ZipEntry[],
  split: Split,
  job: ReadJob,
): Promise<Partial<Record<Split, number>>> {
  const keyed = findEntry(entries, `${split}_images`);
  if (keyed === null) return {};
  const count = (await readNpyHeader(file, keyed, job)).shape[0];
  return count === undefined ? {} : { [split]: count };
}

/** Packed bytes of the split: what a progress bar counts to. */
function packedBytes(keys: readonly KeyedEntry[]): number {
  return keys.reduce((sum, { entry }) => sum + entry.packedBytes, 0);
}

/**
 * @param onProgress packed bytes read, and to read in all
 * @throws NpzInvalid, NpzTooLarge, OutOfMemory, Cancelled
 */
export async function readNpzImages(
  file: Blob,
  fileName: string,
  signal: { readonly aborted: boolean },
  onProgress: (readBytes: number, totalBytes: number) => void = () => undefined,
  split: Split = 'test',
): Promise<NpzImages> {
  const imagesKey = `${split}_images`;
  const labelsKey = `${split}_labels`;
  if (file.size > DATA_LIMITS.npzFileBytes) {
    throw npzTooLarge(
      `The .npz has ${gibibytes(file.size)}; up to ${gibibytes(DATA_LIMITS.npzFileBytes)} can be opened.`,
      'Take the file with smaller images.',
    );
  }
  const entries = await readZipDirectory(file);
  const images = requireEntry(entries, imagesKey);
  const labels = requireEntry(entries, labelsKey);
  if (labels.entry.sizeBytes > DATA_LIMITS.npzLabelBytes) {
    throw npzTooLarge(
      `${labelsKey} has ${labels.entry.sizeBytes} bytes; up to ${DATA_LIMITS.npzLabelBytes} can be read.`,
      'No MedMNIST file has that many.',
    );
  }
  const totalBytes = packedBytes([images, labels]);
  let readBytes = 0;
  const job: ReadJob = {
    get aborted() {
      return signal.aborted;
    },
    onRead: (bytes) => {
      readBytes += bytes;
      onProgress(readBytes, totalBytes);
    },
  };

  const labelArray = await readNpyArray(file, labels, job, (header) => {
    checkLabelHeader(header, labelsKey);
    return Infinity;
  });
  const parsed = parseLabels(labelArray, labelsKey);
  const silent: ReadJob = {
    get aborted() {
      return signal.aborted;
    },
  };
  const { count, side, channels } = checkImageHeader(
    await readNpyHeader(file, images, silent),
    imagesKey,
  );
  if (count !== parsed.values.length) {
    throw npzInvalid(
      `${imagesKey} has ${count} images, but ${labelsKey} has ${parsed.values.length}.`,
    );
  }
  const others: Partial<Record<Split, number>> = {};
  for (const other of SPLITS) {
    if (other !== split) Object.assign(others, await countImages(file, entries, other, silent));
  }
  const candidates = identifySet(fileName, {
    channels,
    labelWidth: parsed.width,
    largestLabel: parsed.largest,
    split,
    splitCounts: { ...others, [split]: count },
  });

  const imageBytes = side * side * channels;
  const imageCount = Math.min(count, Math.floor(DATA_LIMITS.npzKeptBytes / imageBytes));
  const { bytes } = await readNpyArray(file, images, job, () => imageCount * imageBytes);
  onProgress(totalBytes, totalBytes);
  return {
    candidates,
    split,
    side,
    channels,
    splitCount: count,
    imageCount,
    pixels: bytes,
    labels: parsed.values.slice(0, imageCount),
  };
}
