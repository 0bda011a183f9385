/**
 * Where the images of a probe come from: six small sets that ship with the page (`probe/probe.json`), and
 * MedMNIST files that a person opens.
 */

import * as v from 'valibot';
import type { Split } from '../core/types.ts';
import { DATASET_IDS, isDatasetId, medmnistSet, type DatasetId } from '../data/medmnist.ts';
import type { LabelledImage, NpzProgress, NpzSummary } from '../protocol/data.ts';
import { asNamedError, NamedError } from '../protocol/errors.ts';
import type { ImageLibrary } from '../storage/image-library.ts';
import { SPLITS, type ProbeImages, type ProbeSplit } from './probe-images.ts';

const listSchema = v.object({
  source: v.string(),
  sets: v.array(
    v.object({
      dataset: v.picklist(DATASET_IDS),
      file: v.string(),
      counts: v.object({ train: v.number(), val: v.number(), test: v.number() }),
      /** How the images were drawn: classes in turns, or as often as they are. */
      drawn: v.picklist(['turns', 'frequency']),
      /** Rows of the test images in the published file. */
      testRows: v.array(v.number()),
      sizeBytes: v.number(),
    }),
  ),
});

/** A set that ships with the page, not fetched yet. */
export interface ShippedProbeSet {
  readonly dataset: DatasetId;
  readonly counts: Readonly<Record<Split, number>>;
  readonly sizeBytes: number;
  readonly open: (signal: AbortSignal) => Promise<ProbeImages>;
}

export interface ReadCalls {
  readonly signal: AbortSignal;
  readonly onEvent: (progress: NpzProgress) => void;
}

type Reader = Pick<ImageLibrary, 'readNpz' | 'imagesAt' | 'release'>;

export class ProbeLibrary {
  /** Sets of the page that were opened: they are small, and stay. */
  private readonly opened = new Map<DatasetId, ProbeImages>();

  constructor(
    private readonly library: Reader,
    /** Address of the folder with `probe.json`, with a trailing slash. */
    private readonly folderUrl: string,
  ) {}

  /** @throws NamedError `NetworkFailed` */
  async shipped(): Promise<readonly ShippedProbeSet[]> {
    const response = await this.get('probe.json', new AbortController().signal);
    const list = v.safeParse(listSchema, await response.json().catch(() => null));
    if (!list.success) throw new NamedError('Internal', 'The list of probe images cannot be read.');
    const { sets, source } = list.output;
    return sets.map(({ dataset, file, counts, drawn, testRows, sizeBytes }) => ({
      dataset,
      counts,
      sizeBytes,
      open: async (signal) => {
        const known = this.opened.get(dataset);
        if (known) return known;
        const content = await (await this.get(file, signal)).blob();
        const calls = { signal, onEvent: () => undefined };
        const { splits } = await this.read(new File([content], file), calls);
        const images: ProbeImages = {
          dataset,
          origin: 'shipped with the page',
          attribution: `${source}. ${DRAWN_WORDS[drawn]}`,
          splits: { ...splits, test: withRows(splits.test, testRows) },
        };
        this.opened.set(dataset, images);
        return images;
      },
    }));
  }

  /** A MedMNIST file with its splits. @throws NamedError `NpzInvalid`, `NpzTooLarge`, `Cancelled` */
  openFile(file: File, calls: ReadCalls): Promise<ProbeImages> {
    return this.read(file, calls);
  }

  private async read(file: File, calls: ReadCalls): Promise<ProbeImages> {
    const summaries: Partial<Record<Split, NpzSummary>> = {};
    try {
      for (const split of SPLITS) {
        const summary = await this.library
          .readNpz(file, calls, split)
          .catch((thrown: unknown) => leaveOut(split, thrown));
        if (summary) summaries[split] = summary;
      }
      return this.take(file.name, summaries);
    } catch (thrown) {
      for (const { handle } of Object.values(summaries)) void this.release(handle);
      throw thrown;
    }
  }

  private take(
    fileName: string,
    summaries: Readonly<Partial<Record<Split, NpzSummary>>>,
  ): ProbeImages {
    const all = Object.values(summaries);
    const dataset = all.map((one) => one.dataset).find((one) => one !== null) ?? null;
    if (dataset === null || !isDatasetId(dataset)) {
      const candidates = all[0]?.candidates.join(' or ') ?? '';
      throw new NamedError(
        'NpzInvalid',
        `${fileName} may be ${candidates}: put the right one into its name, and open it again.`,
      );
    }
    const splitOf = (split: Split): ProbeSplit | null => {
      const summary = summaries[split];
      if (!summary) return null;
      const { handle, labels } = summary;
      return { labels, open: (places) => this.library.imagesAt(handle, places) };
    };
    const set = medmnistSet(dataset);
    return {
      dataset,
      origin: fileName,
      attribution: `${set.name}, MedMNIST v2, ${set.license}.`,
      splits: { train: splitOf('train'), val: splitOf('val'), test: splitOf('test') },
      release: () => {
        for (const { handle } of all) void this.release(handle);
      },
    };
  }

  private async release(handle: string): Promise<void> {
    await this.library.release(handle).catch(() => undefined);
  }

  private async get(path: string, signal: AbortSignal): Promise<Response> {
    const response = await fetch(new URL(path, this.folderUrl), { signal }).catch(() => null);
    if (response?.ok) return response;
    if (signal.aborted) throw new NamedError('Cancelled', 'Reading images was stopped.');
    throw new NamedError('NetworkFailed', `${path} of the probe images did not arrive: try again.`);
  }
}

const DRAWN_WORDS = {
  turns: 'Each class equally often.',
  frequency: 'Each class as often as in the set.',
} as const;

/** A probe can do without a validation split, and without no other. */
function leaveOut(split: Split, thrown: unknown): null {
  if (split === 'val' && asNamedError(thrown).name === 'NpzInvalid') return null;
  throw thrown;
}

/** The rows that the published file has the images in: a small file has others. */
function withRows(split: ProbeSplit | null, rows: readonly number[]): ProbeSplit | null {
  if (split === null) return null;
  const numbered = (one: LabelledImage, place: number): LabelledImage => ({
    ...one,
    source: { ...one.source, index: rows[place] ?? null },
  });
  return {
    ...split,
    open: async (places) => {
      const images = await split.open(places);
      return images.map((one, at) => numbered(one, places[at] ?? -1));
    },
  };
}
