/** What a study of vision towers takes: sets of images, checkpoints, the features, and the probe's knobs. */

import type { FeatureKind } from '../core/probe/features.ts';
import {
  RELEASED_NEIGHBOURS,
  SMALL_SET_PROBE,
  validateLinearProbe,
  type LinearProbeSettings,
} from '../core/probe/settings.ts';
import type { FieldProblem } from '../core/validate.ts';
import type { DatasetId } from '../data/medmnist.ts';
import {
  DEFAULT_SIZES,
  requireProbeImages,
  type ProbeImages,
  type SplitSizes,
} from '../evaluation/probe-images.ts';
import type { VisionSettings } from '../evaluation/vision-study.ts';
import type { NpzProgress } from '../protocol/data.ts';
import { asNamedError, type NamedError } from '../protocol/errors.ts';
import type { ProbeLibrary, ShippedProbeSet } from '../evaluation/probe-library.ts';
import type { CheckpointChoice, CheckpointSlot } from './checkpoint-choice.svelte.ts';

/** A set that can be probed: one that ships with the page, or a file in its place. */
export interface ProbeSource {
  readonly dataset: DatasetId;
  /** Images by split; for a file after its draw. */
  readonly counts: Readonly<Record<'train' | 'val' | 'test', number>>;
  /** The opened file; `null` for images of the page. */
  readonly file: ProbeImages | null;
  readonly shipped: ShippedProbeSet | null;
}

type Library = Pick<ProbeLibrary, 'shipped' | 'openFile'>;

export class ProbePlan {
  #shipped = $state.raw<readonly ShippedProbeSet[]>([]);
  #files = $state.raw<readonly ProbeImages[]>([]);
  /** `null` until something was chosen: then all that ship with the page. */
  #setIds = $state.raw<readonly DatasetId[] | null>(null);
  /** `null` until something was chosen: then all that are built in. */
  #checkpointIds = $state.raw<readonly string[] | null>(null);
  #kind = $state<FeatureKind>('tower-mean');
  #linear = $state.raw<LinearProbeSettings>(SMALL_SET_PROBE);
  #neighbours = $state(RELEASED_NEIGHBOURS);
  #sizes = $state.raw<SplitSizes>(DEFAULT_SIZES);
  #reading = $state<string | null>(null);
  #error = $state.raw<NamedError | null>(null);
  #abort: AbortController | null = null;
  #looked: Promise<void> | null = null;

  /** Everything that can be probed, the page's own first. */
  readonly sources = $derived.by<readonly ProbeSource[]>(() => {
    const own = this.#shipped.map((shipped): ProbeSource => {
      const file = this.#files.find(({ dataset }) => dataset === shipped.dataset) ?? null;
      return {
        dataset: shipped.dataset,
        counts: file === null ? shipped.counts : this.#countsOf(file),
        file,
        shipped,
      };
    });
    const others = this.#files
      .filter(({ dataset }) => !own.some((one) => one.dataset === dataset))
      .map((file) => ({
        dataset: file.dataset,
        counts: this.#countsOf(file),
        file,
        shipped: null,
      }));
    return [...own, ...others];
  });

  readonly chosenSources = $derived.by<readonly ProbeSource[]>(() => {
    const ids = this.#setIds;
    return this.sources.filter(({ dataset }) => ids === null || ids.includes(dataset));
  });

  /** Everything that has a vision tower, those that answer first. */
  readonly candidates = $derived.by<readonly CheckpointSlot[]>(() => [
    ...this.checkpoints.slots,
    ...this.checkpoints.towers,
  ]);

  readonly chosen = $derived.by<readonly CheckpointSlot[]>(() => {
    const ids = this.#checkpointIds;
    return this.candidates.filter(({ id }) => (ids ?? this.builtInIds).includes(id));
  });

  readonly settings = $derived.by<VisionSettings>(() => ({
    kind: this.#kind,
    linear: this.#linear,
    neighbours: this.#neighbours,
  }));

  readonly problems = $derived.by<readonly FieldProblem[]>(() => [
    ...(this.#reading === null
      ? []
      : [{ field: 'files', message: 'A file is being read: wait for it, or stop it.' }]),
    ...(this.chosenSources.length === 0
      ? [{ field: 'sets', message: 'Choose at least one set.' }]
      : []),
    ...(this.chosen.length === 0
      ? [{ field: 'checkpoints', message: 'Choose at least one checkpoint.' }]
      : []),
    ...validateLinearProbe(this.#linear),
    ...(Number.isInteger(this.#neighbours) && this.#neighbours >= 1
      ? []
      : [{ field: 'neighbours', message: 'The neighbours must be a whole number from 1.' }]),
    ...sizeProblems(this.#sizes),
  ]);

  /** @param builtInIds checkpoints that are chosen at first */
  constructor(
    private readonly library: Library,
    private readonly checkpoints: CheckpointChoice,
    private readonly builtInIds: readonly string[],
  ) {}

  get kind(): FeatureKind {
    return this.#kind;
  }
  get linear(): LinearProbeSettings {
    return this.#linear;
  }
  get neighbours(): number {
    return this.#neighbours;
  }
  get sizes(): SplitSizes {
    return this.#sizes;
  }
  /** The file that is being read, with how far; `null` for none. */
  get reading(): string | null {
    return this.#reading;
  }
  /** Why the last file, or the list of shipped sets, could not be read. */
  get error(): NamedError | null {
    return this.#error;
  }

  /** Asks once what ships with the page. */
  look(): Promise<void> {
    this.#looked ??= this.#look();
    return this.#looked;
  }

  hasSet(dataset: DatasetId): boolean {
    return this.chosenSources.some((one) => one.dataset === dataset);
  }
  toggleSet(dataset: DatasetId): void {
    const ids = this.chosenSources.map((one) => one.dataset);
    this.#setIds = ids.includes(dataset) ? ids.filter((id) => id !== dataset) : [...ids, dataset];
  }
  hasCheckpoint(id: string): boolean {
    return this.chosen.some((slot) => slot.id === id);
  }
  toggleCheckpoint(id: string): void {
    const ids = this.chosen.map((slot) => slot.id);
    this.#checkpointIds = ids.includes(id) ? ids.filter((one) => one !== id) : [...ids, id];
  }
  /** `null` leaves the choice as it is. */
  choose(setIds: readonly DatasetId[] | null, checkpointIds: readonly string[] | null): void {
    if (setIds !== null) this.#setIds = setIds;
    if (checkpointIds !== null) this.#checkpointIds = checkpointIds;
  }

  setKind(kind: FeatureKind): void {
    this.#kind = kind;
  }
  changeLinear(change: Partial<LinearProbeSettings>): void {
    this.#linear = { ...this.#linear, ...change };
  }
  setNeighbours(count: number): void {
    this.#neighbours = count;
  }
  changeSizes(change: Partial<SplitSizes>): void {
    this.#sizes = { ...this.#sizes, ...change };
  }

  /** Opens MedMNIST files; each takes the place of the set that ships with the page. */
  async addFiles(files: readonly File[]): Promise<void> {
    this.#error = null;
    for (const file of files) {
      const abort = new AbortController();
      this.#abort = abort;
      this.#reading = file.name;
      try {
        const onEvent = ({ readBytes, totalBytes }: NpzProgress): void => {
          // Events take another port than the reply: the last one can come after it.
          if (this.#abort !== abort) return;
          const percent = totalBytes > 0 ? Math.round((100 * readBytes) / totalBytes) : 0;
          this.#reading = `${file.name}, ${String(percent)} %`;
        };
        const images = await this.library.openFile(file, { signal: abort.signal, onEvent });
        try {
          requireProbeImages(images);
        } catch (thrown) {
          images.release?.();
          throw thrown;
        }
        this.#put(images);
      } catch (thrown) {
        const error = asNamedError(thrown);
        if (error.name !== 'Cancelled') this.#error = error;
        return;
      } finally {
        this.#reading = null;
        this.#abort = null;
      }
    }
  }

  stopReading(): void {
    this.#abort?.abort();
  }

  /** Goes back to the images of the page. */
  closeFile(dataset: DatasetId): void {
    this.#release(dataset);
    this.#files = this.#files.filter((one) => one.dataset !== dataset);
    if (!this.#shipped.some((one) => one.dataset === dataset)) {
      this.#setIds = this.#setIds?.filter((id) => id !== dataset) ?? null;
    }
  }

  #put(images: ProbeImages): void {
    const chosen = this.chosenSources.map(({ dataset }) => dataset);
    this.#release(images.dataset);
    this.#files = [...this.#files.filter(({ dataset }) => dataset !== images.dataset), images];
    this.#setIds = [...chosen.filter((id) => id !== images.dataset), images.dataset];
  }

  #release(dataset: DatasetId): void {
    this.#files.find((one) => one.dataset === dataset)?.release?.();
  }

  #countsOf({ splits }: ProbeImages): ProbeSource['counts'] {
    const of = (split: 'train' | 'val' | 'test'): number =>
      Math.min(this.#sizes[split], splits[split]?.labels.length ?? 0);
    return { train: of('train'), val: of('val'), test: of('test') };
  }

  async #look(): Promise<void> {
    try {
      this.#shipped = await this.library.shipped();
      this.#error = null;
    } catch (thrown) {
      this.#error = asNamedError(thrown);
      this.#looked = null;
    }
  }
}

/** Images of a split that are encoded at most: half an hour of a tower of today. */
export const MOST_IMAGES = 20_000;

function sizeProblems(sizes: SplitSizes): readonly FieldProblem[] {
  const words = { train: 'training', val: 'validation', test: 'test' } as const;
  return (['train', 'val', 'test'] as const).flatMap((split) => {
    const least = split === 'val' ? 0 : 2;
    const size = sizes[split];
    return Number.isInteger(size) && size >= least && size <= MOST_IMAGES
      ? []
      : [
          {
            field: split,
            message: `The ${words[split]} images must be a whole number from ${String(least)} to ${String(MOST_IMAGES)}.`,
          },
        ];
  });
}
