/** The data worker's public half: images and `.npz` files off the main thread. */

import { transfer } from 'comlink';
import { sha256Hex } from '../../src/core/sha256.ts';
import type { ImageSource, RgbImage, Split } from '../../src/core/types.ts';
import { isDatasetId, medmnistSet, type DatasetId } from '../../src/data/medmnist.ts';
import type {
  DataService,
  DecodedImage,
  LabelledImage,
  NpzProgressListener,
  NpzSummary,
  SpriteLayout,
} from '../../src/protocol/data.ts';
import { asNamedError, NamedError } from '../../src/protocol/errors.ts';
import { resizeRgb } from '../vlm/resize.ts';
import { decodeExact, decodeImageFile } from './image-file.ts';
import { readNpzImages, type NpzImages } from './npz.ts';
import { cutTile, rgbAt } from './pixels.ts';

interface OpenFile {
  readonly fileName: string;
  readonly images: NpzImages;
  dataset: DatasetId | null;
}

export class ImageDataService implements DataService {
  private readonly files = new Map<string, OpenFile>();
  private readonly jobs = new Map<string, AbortController>();

  async decodeImage(file: File): Promise<DecodedImage> {
    const image = await decodeImageFile(file, file.name);
    return handOver({ image, source: await ownSource(image, file.name) });
  }

  async decodeSprite(file: Blob, layout: SpriteLayout): Promise<readonly RgbImage[]> {
    const sprite = await decodeExact(file, 'A gallery sprite');
    const tiles = Array.from({ length: layout.tileCount }, (_, tile) =>
      cutTile(sprite, layout.tileSide, layout.columns, tile),
    );
    const hashes = await Promise.all(tiles.map(({ data }) => sha256Hex(data)));
    const wrong = hashes.findIndex((hash, tile) => hash !== layout.sha256[tile]);
    if (wrong >= 0) {
      throw new NamedError(
        'ImageUnreadable',
        `Gallery image ${wrong + 1} was decoded to other pixels than it was made from. Reload the page.`,
      );
    }
    return transfer(tiles, tiles.map(bufferOf));
  }

  async readNpz(
    jobId: string,
    file: File,
    split: Split,
    onProgress: NpzProgressListener | null,
  ): Promise<NpzSummary> {
    const controller = new AbortController();
    this.jobs.set(jobId, controller);
    try {
      const onRead = (readBytes: number, totalBytes: number): void => {
        onProgress?.({ jobId, readBytes, totalBytes });
      };
      const images = await readNpzImages(file, file.name, controller.signal, onRead, split);
      const [only, ...others] = images.candidates;
      const dataset = only !== undefined && others.length === 0 ? only : null;
      const handle = crypto.randomUUID();
      this.files.set(handle, { fileName: file.name, images, dataset });
      return summarize(handle, file.name, images, dataset);
    } catch (thrown) {
      throw asNamedError(thrown);
    } finally {
      this.jobs.delete(jobId);
    }
  }

  cancel(jobId: string): Promise<void> {
    this.jobs.get(jobId)?.abort();
    return Promise.resolve();
  }

  chooseDataset(handle: string, dataset: string): Promise<NpzSummary> {
    const file = this.open(handle);
    if (!isDatasetId(dataset) || !file.images.candidates.includes(dataset)) {
      throw new NamedError('NpzInvalid', `${file.fileName} cannot be ${dataset}.`);
    }
    file.dataset = dataset;
    return Promise.resolve(summarize(handle, file.fileName, file.images, dataset));
  }

  async imageAt(handle: string, index: number): Promise<LabelledImage> {
    return handOver(await this.labelledAt(handle, index));
  }

  async imagesAt(handle: string, indexes: readonly number[]): Promise<readonly LabelledImage[]> {
    const images = await Promise.all(indexes.map((index) => this.labelledAt(handle, index)));
    return transfer(
      images,
      images.map(({ image }) => bufferOf(image)),
    );
  }

  private async labelledAt(handle: string, index: number): Promise<LabelledImage> {
    const file = this.open(handle);
    const { images, dataset, fileName } = file;
    checkIndex(file, index);
    const label = images.labels[index] ?? [];
    const image = rgbAt(images, index);
    const name = dataset === null ? fileName : medmnistSet(dataset).name;
    const source: ImageSource = {
      ...(await ownSource(image, name)),
      dataset,
      split: images.split,
      // Larger editions of a set hold the same rows at another size: they are other items.
      index: images.side === SMALLEST_SIDE ? index : null,
    };
    return { image, source, label };
  }

  thumbnails(
    handle: string,
    indexes: readonly number[],
    side: number,
  ): Promise<readonly RgbImage[]> {
    const file = this.open(handle);
    const thumbnails = indexes.map((index) => {
      checkIndex(file, index);
      const image = rgbAt(file.images, index);
      return image.width <= side ? image : resizeRgb(image, side, side, 'bilinear');
    });
    return Promise.resolve(transfer(thumbnails, thumbnails.map(bufferOf)));
  }

  release(handle: string): Promise<void> {
    this.files.delete(handle);
    return Promise.resolve();
  }

  private open(handle: string): OpenFile {
    const file = this.files.get(handle);
    if (file) return file;
    throw new NamedError('ImageUnreadable', 'This file was closed. Open it again.');
  }
}

/** The edition whose rows are addressed by index in links and random streams. */
const SMALLEST_SIDE = 28;

function checkIndex({ fileName, images }: OpenFile, index: number): void {
  if (Number.isInteger(index) && index >= 0 && index < images.imageCount) return;
  throw new NamedError('ImageUnreadable', `${fileName} has no ${images.split} image ${index}.`);
}

function summarize(
  handle: string,
  fileName: string,
  images: NpzImages,
  dataset: DatasetId | null,
): NpzSummary {
  const { candidates, split, side, channels, imageCount, splitCount, labels } = images;
  return {
    handle,
    fileName,
    dataset,
    candidates,
    split,
    imageSide: side,
    channels,
    imageCount,
    splitCount,
    labels,
  };
}

async function ownSource(image: RgbImage, name: string): Promise<ImageSource> {
  const { width, height, data } = image;
  const sha256 = await sha256Hex(data);
  return { dataset: null, split: null, index: null, name, width, height, sha256 };
}

function handOver<T extends DecodedImage>(decoded: T): T {
  return transfer(decoded, [bufferOf(decoded.image)]);
}

function bufferOf({ data }: RgbImage): ArrayBuffer {
  return data.buffer as ArrayBuffer;
}
