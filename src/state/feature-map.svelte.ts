/**
 * The map of one checkpoint's features of one set: test images in the plane in which their features vary
 * most, and those of them that a person has picked.
 */

import { standardized } from '../core/probe/features.ts';
import type { PrincipalPlane } from '../core/probe/principal-plane.ts';
import type { RgbImage } from '../core/types.ts';
import type { EvaluationSet } from '../evaluation/plan-run.ts';
import type { ProbeImages } from '../evaluation/probe-images.ts';
import type { VisionResult } from '../evaluation/vision-study.ts';
import { asNamedError, type NamedError } from '../protocol/errors.ts';
import type { ProbeBackend } from '../protocol/probe.ts';

/** What the frames of the images tell. */
export type MapColour = 'truth' | 'probe' | 'answer';

/** Images of one message from the data worker. */
const AT_ONCE = 64;

export interface ShownMap {
  readonly result: VisionResult;
  readonly plane: PrincipalPlane;
  /** In the order of the result; those that have come so far. */
  readonly images: readonly RgbImage[];
}

export class FeatureMap {
  #shown = $state.raw<ShownMap | null>(null);
  #wanted: VisionResult | null = null;
  #isComputing = $state(false);
  #error = $state.raw<NamedError | null>(null);
  #colour = $state<MapColour>('truth');
  #picked = $state.raw<readonly number[]>([]);
  #abort: AbortController | null = null;

  constructor(private readonly probes: Pick<ProbeBackend, 'plane'>) {}

  get shown(): ShownMap | null {
    return this.#shown;
  }
  get isComputing(): boolean {
    return this.#isComputing;
  }
  get error(): NamedError | null {
    return this.#error;
  }
  get colour(): MapColour {
    return this.#colour;
  }
  /** Places of the picked images among the result's, each once. */
  get picked(): readonly number[] {
    return this.#picked;
  }

  setColour(colour: MapColour): void {
    this.#colour = colour;
  }
  pick(places: readonly number[]): void {
    this.#picked = places;
  }

  /** Draws the map of a result in place of the one before. */
  async show(result: VisionResult, { splits }: ProbeImages): Promise<void> {
    if (this.#wanted === result) return;
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    this.#wanted = result;
    this.#isComputing = true;
    this.#error = null;
    this.#picked = [];
    try {
      const plane = await this.probes.plane(standardized(result.features), {
        signal: abort.signal,
        onStep: () => undefined,
      });
      if (this.#wanted !== result) return;
      this.#shown = { result, plane, images: [] };
      const images: RgbImage[] = [];
      for (let from = 0; from < result.sha256s.length; from += AT_ONCE) {
        const count = Math.min(AT_ONCE, result.sha256s.length - from);
        const places = Array.from({ length: count }, (_, at) => from + at);
        const opened = (await splits.test?.open(places)) ?? [];
        if (this.#wanted !== result) return;
        images.push(...opened.map(({ image }) => image));
        // Each time twice as many: the map is drawn anew for it.
        const isLast = images.length === result.sha256s.length;
        if (isLast || images.length >= 2 * this.#shown.images.length) {
          this.#shown = { result, plane, images: [...images] };
        }
      }
    } catch (thrown) {
      if (this.#wanted === result) {
        this.#error = asNamedError(thrown);
        this.#wanted = null;
      }
    } finally {
      if (this.#wanted === result || this.#wanted === null) this.#isComputing = false;
    }
  }
}

/** The picked images as a set that a run takes its items from. */
export function pickedSet(
  { dataset, splits }: ProbeImages,
  places: readonly number[],
): EvaluationSet | null {
  const { test } = splits;
  if (test === null) return null;
  return {
    dataset,
    images: places
      .toSorted((a, b) => a - b)
      .map((place) => ({ id: String(place), label: test.labels[place] ?? [] })),
    open: async (id) => {
      const [image] = await test.open([Number(id)]);
      if (!image) throw new RangeError(`There is no image ${id}.`);
      return image;
    },
  };
}
