/**
 * The page's half of the data worker: the built-in gallery, image files and `.npz` files. A worker
 * that died is replaced at the next call; files that it held have to be opened again.
 */

import { proxy } from 'comlink';
import * as v from 'valibot';
import { callStoppable, createWorkerLink, type WorkerLink } from '../backend/worker-link.ts';
import type {
  DataService,
  DecodedImage,
  LabelledImage,
  NpzProgress,
  NpzSummary,
} from '../protocol/data.ts';
import { NamedError } from '../protocol/errors.ts';
import type { RgbImage, Split } from '../core/types.ts';

/** Test images of one set that ship with the app. */
export interface GallerySet {
  readonly dataset: string;
  readonly images: readonly LabelledImage[];
}

const gallerySchema = v.object({
  tileSide: v.number(),
  columns: v.number(),
  sets: v.array(
    v.object({
      dataset: v.string(),
      sprite: v.string(),
      images: v.array(v.object({ index: v.number(), label: v.number(), sha256: v.string() })),
    }),
  ),
});

type Gallery = v.InferOutput<typeof gallerySchema>;

export class ImageLibrary {
  private link: WorkerLink<DataService> | null = null;

  constructor(
    /** Address of the folder with `gallery.json`, with a trailing slash. */
    private readonly samplesUrl: string,
    private readonly makeWorker: (name: string) => Worker,
  ) {}

  /** The built-in images, decoded to the exact pixels of the published files. */
  async openGallery(): Promise<readonly GallerySet[]> {
    const response = await this.fetchSample('gallery.json');
    const gallery = v.safeParse(gallerySchema, await response.json().catch(() => null));
    if (!gallery.success) throw new NamedError('Internal', 'The gallery’s list cannot be read.');
    return Promise.all(gallery.output.sets.map((set) => this.openSet(gallery.output, set)));
  }

  decodeImage(file: File): Promise<DecodedImage> {
    return this.service.call((service) => service.decodeImage(file));
  }

  /** Reads one split of a MedMNIST file; stopping it throws Cancelled. */
  async readNpz(
    file: File,
    {
      signal,
      onEvent,
    }: { readonly signal: AbortSignal; readonly onEvent: (progress: NpzProgress) => void },
    split: Split = 'test',
  ): Promise<NpzSummary> {
    if (signal.aborted) throw new NamedError('Cancelled', 'Reading the .npz was stopped.');
    return callStoppable(this.service, signal, (service, jobId) =>
      service.readNpz(jobId, file, split, proxy(onEvent)),
    );
  }

  chooseDataset(handle: string, dataset: string): Promise<NpzSummary> {
    return this.service.call((service) => service.chooseDataset(handle, dataset));
  }

  imageAt(handle: string, index: number): Promise<LabelledImage> {
    return this.service.call((service) => service.imageAt(handle, index));
  }

  imagesAt(handle: string, indexes: readonly number[]): Promise<readonly LabelledImage[]> {
    return this.service.call((service) => service.imagesAt(handle, indexes));
  }

  thumbnails(
    handle: string,
    indexes: readonly number[],
    side: number,
  ): Promise<readonly RgbImage[]> {
    return this.service.call((service) => service.thumbnails(handle, indexes, side));
  }

  /** Frees the images of a file that is no longer shown: up to 300 MB each. */
  release(handle: string): Promise<void> {
    return this.service.call((service) => service.release(handle));
  }

  private get service(): WorkerLink<DataService> {
    if (this.link === null || this.link.isDead) {
      this.link = createWorkerLink<DataService>(this.makeWorker);
    }
    return this.link;
  }

  private async openSet(gallery: Gallery, set: Gallery['sets'][number]): Promise<GallerySet> {
    const { tileSide, columns } = gallery;
    const { dataset, sprite, images } = set;
    const file = await (await this.fetchSample(sprite)).blob();
    const layout = {
      tileSide,
      columns,
      tileCount: images.length,
      sha256: images.map(({ sha256 }) => sha256),
    };
    const tiles = await this.service.call((service) => service.decodeSprite(file, layout));
    return {
      dataset,
      images: images.flatMap(({ index, label, sha256 }, position) => {
        const image = tiles[position];
        if (!image) return [];
        const { width, height } = image;
        const source = {
          dataset,
          split: 'test',
          index,
          name: dataset,
          width,
          height,
          sha256,
        } as const;
        return [{ image, source, label: [label] }];
      }),
    };
  }

  private async fetchSample(path: string): Promise<Response> {
    const url = new URL(path, this.samplesUrl);
    const response = await fetch(url).catch(() => null);
    if (response?.ok) return response;
    throw new NamedError(
      'NetworkFailed',
      `${path} of the gallery could not be loaded. Reload the page, or open an image of your own.`,
    );
  }
}
