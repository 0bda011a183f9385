/**
 * What crosses between the page and the data worker. The worker keeps the images of an opened
 * `.npz` and hands out single ones; pixel buffers are transferred, never copied.
 */
import type { ImageSource, RgbImage, Split } from '../core/types.ts';

const MEBIBYTE = 2 ** 20;

/** Everything above is refused by name before it is decoded or inflated. */
export const DATA_LIMITS = {
  imageFileBytes: 64 * MEBIBYTE,
  imageSide: 8192,
  imagePixels: 40_000_000,
  npzFileBytes: 2048 * MEBIBYTE,
  /** Pixels kept of one `.npz`: 2,000 colour images of 224 px, all of every smaller test split. */
  npzKeptBytes: 2000 * 224 * 224 * 3,
  npzLabelBytes: 16 * MEBIBYTE,
  /** Inflated over packed size, looked at above 16 MiB; MedMNIST files stay below 20. */
  npzExpansion: 200,
} as const;

/** One image with where it comes from; `image.data` is owned by whoever received it. */
export interface DecodedImage {
  readonly image: RgbImage;
  readonly source: ImageSource;
}

/** An image of a labelled set: its class index, or the indexes of all findings present. */
export interface LabelledImage extends DecodedImage {
  readonly label: readonly number[];
}

/** An opened `.npz`, whose images stay in the worker under `handle`. */
export interface NpzSummary {
  readonly handle: string;
  readonly fileName: string;
  /** MedMNIST id, or `null` while `candidates` has several. */
  readonly dataset: string | null;
  /** MedMNIST ids that the file may be, the likeliest first. Never empty. */
  readonly candidates: readonly string[];
  readonly split: Split;
  readonly imageSide: number;
  readonly channels: 1 | 3;
  /** Images kept: the first of the split. Fewer than `splitCount` where the limit cut it. */
  readonly imageCount: number;
  /** Images in the file's split. */
  readonly splitCount: number;
  /** Per kept image, as in `LabelledImage`. */
  readonly labels: readonly (readonly number[])[];
}

export interface NpzProgress {
  readonly jobId: string;
  /** Packed bytes of the split read so far, and to read in all. */
  readonly readBytes: number;
  readonly totalBytes: number;
}

export type NpzProgressListener = (progress: NpzProgress) => void;

/** The sprite of one set in the built-in gallery: tiles in rows, from the left, from the top. */
export interface SpriteLayout {
  readonly tileSide: number;
  readonly columns: number;
  readonly tileCount: number;
  /** SHA-256 of each tile's RGB bytes, hex, in tile order. */
  readonly sha256: readonly string[];
}

export interface DataService {
  /** Any PNG, JPEG or WebP. Throws ImageUnreadable or ImageTooLarge. */
  decodeImage(file: File): Promise<DecodedImage>;
  /** The exact tiles of a sprite. Throws ImageUnreadable when a tile's hash differs. */
  decodeSprite(file: Blob, layout: SpriteLayout): Promise<readonly RgbImage[]>;
  /** One split of a MedMNIST file. Throws NpzInvalid, NpzTooLarge or Cancelled. */
  readNpz(
    jobId: string,
    file: File,
    split: Split,
    onProgress: NpzProgressListener | null,
  ): Promise<NpzSummary>;
  /** Stops a job; it then throws Cancelled. An unknown or finished job is ignored. */
  cancel(jobId: string): Promise<void>;
  /** Settles an ambiguous file on one of its candidates. */
  chooseDataset(handle: string, dataset: string): Promise<NpzSummary>;
  /** Full-size image. Throws ImageUnreadable for an index or handle that does not exist. */
  imageAt(handle: string, index: number): Promise<LabelledImage>;
  /** Several of them in one message. */
  imagesAt(handle: string, indexes: readonly number[]): Promise<readonly LabelledImage[]>;
  /** Images shrunk to at most `side` pixels (smaller ones as they are). */
  thumbnails(
    handle: string,
    indexes: readonly number[],
    side: number,
  ): Promise<readonly RgbImage[]>;
  /** Frees the images of a file. */
  release(handle: string): Promise<void>;
}
