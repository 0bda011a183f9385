/**
 * Probe as its views are given it: what the vision towers know of the images, beside what the checkpoints
 * answered about them in the open run.
 */

import { medmnistSet, type DatasetId } from '../data/medmnist.ts';
import {
  CLASSIFIERS_SOURCE,
  PUBLISHED_CLASSIFIERS,
  type PublishedClassifiers,
} from '../data/published-classifiers.ts';
import { drawnImages } from '../evaluation/probe-images.ts';
import type { VisionResult } from '../evaluation/vision-study.ts';
import type { DevicePreference } from '../protocol/vlm.ts';
import { pickedSet, type FeatureMap } from './feature-map.svelte.ts';
import type { LabelledCollection } from './image-gallery.svelte.ts';
import type { ProbeAnswers } from './probe-answers.svelte.ts';
import { formatProbeLink, parseProbeLink } from './probe-link.ts';
import type { ProbePlan, ProbeSource } from './probe-plan.svelte.ts';
import type { RunShelf } from './run-shelf.svelte.ts';
import type { Seeing } from './seeing.svelte.ts';
import type { CheckpointFigures, SetResults } from './set-results.svelte.ts';
import type { StudyPlan, VisionJob } from './vision-job.svelte.ts';

/** What one row of the table is about. */
export interface ProbeFocus {
  readonly checkpointId: string;
  readonly dataset: DatasetId;
}

type DatasetFigures = CheckpointFigures['figures']['datasets'][number]['figures'];

export class ProbeBoard {
  #focus = $state.raw<ProbeFocus | null>(null);
  #hasOwnChoice = $state(false);
  #device = $state<DevicePreference>('auto');
  #missing = $state('');

  /** The result that the panels below the table are about: the chosen one, else the first. */
  readonly focus = $derived.by<VisionResult | null>(() => {
    const wanted = this.#focus;
    const { results } = this.job;
    return (
      results.find(
        (one) => one.checkpointId === wanted?.checkpointId && one.dataset === wanted.dataset,
      ) ??
      results[0] ??
      null
    );
  });

  readonly publishedSource = CLASSIFIERS_SOURCE;

  /** Why a study cannot be started, a sentence; `null` when it can. */
  readonly blocked = $derived.by<string | null>(
    () => this.job.refusal ?? this.plan.problems[0]?.message ?? null,
  );

  constructor(
    readonly plan: ProbePlan,
    readonly job: VisionJob,
    readonly seeing: Seeing,
    readonly map: FeatureMap,
    /** Whose answers stand beside. */
    readonly results: SetResults,
    readonly shelf: RunShelf,
    readonly answers: ProbeAnswers,
  ) {}

  /** What the address named and is not here, in a sentence; empty for nothing. */
  get missing(): string {
    return this.#missing;
  }

  /** The address of what is asked. */
  get link(): string {
    const { plan } = this;
    return formatProbeLink({
      sets: this.#hasOwnChoice ? plan.chosenSources.map(({ dataset }) => dataset) : null,
      checkpoints: this.#hasOwnChoice ? plan.chosen.map(({ id }) => id) : null,
      kind: plan.kind,
      linear: plan.linear,
      runId: this.results.runId,
      device: this.#device,
    });
  }

  /** Takes the controls from the address and opens its run; without one the open run stays. */
  async follow(hash: string): Promise<void> {
    const { sets, checkpoints, kind, linear, runId, device } = parseProbeLink(hash);
    this.#device = device;
    await this.plan.look();
    this.#hasOwnChoice = sets !== null || checkpoints !== null;
    this.plan.choose(sets, checkpoints);
    this.#missing = this.#missingWords(sets ?? [], checkpoints ?? []);
    this.plan.setKind(kind);
    this.plan.changeLinear(linear);
    if (!this.shelf.isOpen) await this.shelf.open();
    if (runId !== null && runId !== this.results.runId && this.shelf.find(runId)) {
      await this.results.open(runId);
    }
  }

  toggleSet(dataset: DatasetId): void {
    this.#hasOwnChoice = true;
    this.plan.toggleSet(dataset);
  }
  toggleCheckpoint(id: string): void {
    this.#hasOwnChoice = true;
    this.plan.toggleCheckpoint(id);
  }

  focusOn(focus: ProbeFocus): void {
    this.#focus = focus;
  }

  /** Encodes, probes, and goes on with what was encoded before. */
  async start(): Promise<void> {
    if (this.blocked !== null) return;
    await this.job.start(this.#studyPlan(), this.#device);
  }

  stop(): void {
    this.job.stop();
  }

  /** Whether there is language behind its tower. */
  canAnswer(checkpointId: string): boolean {
    return this.plan.candidates.find(({ id }) => id === checkpointId)?.kind === 'vlm';
  }

  /** Asks the studied checkpoints about test images of the studied sets. */
  async ask(): Promise<void> {
    const { results } = this.job;
    const ids = this.plan.candidates
      .map(({ id }) => id)
      .filter((id) => this.canAnswer(id) && results.some((one) => one.checkpointId === id));
    const sets = this.plan.sources.flatMap(({ dataset }) =>
      results.some((one) => one.dataset === dataset) ? (this.job.imagesOf(dataset) ?? []) : [],
    );
    await this.answers.ask(ids, sets, this.#device);
  }

  async goOnAsking(): Promise<void> {
    await this.answers.goOn(this.#device);
  }

  /** Picked test images of the set in focus, as a set that a run takes its items from. */
  pickedCollection(places: readonly number[]): LabelledCollection | null {
    const dataset = this.focus?.dataset;
    const images = dataset === undefined ? null : this.job.imagesOf(dataset);
    const set = images && pickedSet(images, places);
    if (!set || dataset === undefined) return null;
    const { name, modality } = medmnistSet(dataset);
    return {
      ...set,
      id: `picked/${dataset}`,
      name: `${name}, ${String(places.length)} picked under Probe`,
      modality,
    };
  }

  /** What was published of classifiers trained on the whole set; `null` for none. */
  publishedOf(dataset: DatasetId): PublishedClassifiers | null {
    const { name } = medmnistSet(dataset);
    return PUBLISHED_CLASSIFIERS.find((one) => one.name === name) ?? null;
  }

  /** What the open run says of a checkpoint on a set; `null` where it says nothing. */
  figuresOf(checkpointId: string, dataset: DatasetId): DatasetFigures | null {
    const own = this.results.figures.find((one) => one.checkpointId === checkpointId);
    return own?.figures.datasets.find((one) => one.dataset === dataset)?.figures ?? null;
  }

  #missingWords(sets: readonly DatasetId[], checkpoints: readonly string[]): string {
    const { sources, candidates } = this.plan;
    const files = sets
      .filter((set) => !sources.some(({ dataset }) => dataset === set))
      .map((set) => `${set}.npz, which is opened below the sets`);
    const added = checkpoints
      .filter((id) => !candidates.some((slot) => slot.id === id))
      .map((id) => `the checkpoint ${id}, which is added under Models`);
    const parts = [...files, ...added];
    return parts.length === 0 ? '' : `Not here: ${parts.join('; ')}.`;
  }

  #studyPlan(): StudyPlan {
    const { plan } = this;
    const { sizes, settings } = plan;
    return {
      checkpointIds: plan.chosen.map(({ id }) => id),
      settings,
      sets: plan.chosenSources.map((source) => ({
        dataset: source.dataset,
        images: source.counts.train + source.counts.val + source.counts.test,
        open: async (signal) => {
          const images = await imagesOf(source, signal);
          const wanted = source.file === null ? [] : this.#askedPlaces(source.dataset);
          return drawnImages(images, sizes, settings.linear.seed, wanted);
        },
      })),
    };
  }

  /** Rows of a published file's test images that the open run asks about. */
  #askedPlaces(dataset: DatasetId): readonly number[] {
    const places = this.results.rows.flatMap(({ item: { image } }) =>
      image.dataset === dataset && image.split === 'test' && image.index !== null
        ? [image.index]
        : [],
    );
    return uniqueNumbers(places);
  }
}

const uniqueNumbers = (numbers: readonly number[]): readonly number[] =>
  numbers.filter((one, at) => numbers.indexOf(one) === at);

async function imagesOf({ file, shipped }: ProbeSource, signal: AbortSignal) {
  if (file !== null) return file;
  if (shipped === null) throw new RangeError('A set of images comes from the page or a file.');
  return shipped.open(signal);
}
