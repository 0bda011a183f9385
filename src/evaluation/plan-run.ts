/**
 * From sets and settings to a run that can be stored: which items, in which order, with which
 * question, and which images stand in for each in the wrong-image null. Everything that the run needs
 * is taken along, so that it goes on when the files it came from are no longer open.
 */

import { isOwnPlace, ownCount, shardWords, type Shard } from '../core/sets/shard.ts';
import type { ImageSource, Question, QuestionKind, RgbImage } from '../core/types.ts';
import { isDatasetId } from '../data/medmnist.ts';
import { buildQuestion, OPTION_SEED } from '../data/questions.ts';
import { seededChoice } from '../data/seeded-order.ts';
import type { DecodedImage } from '../protocol/data.ts';
import { asNamedError, NamedError } from '../protocol/errors.ts';
import type { NewRun } from '../storage/run-store.ts';
import {
  itemsByDataset,
  type RunSettings,
  type StoredItem,
  type StoredWrongImages,
} from '../storage/stored-run.ts';
import { itemIdOf } from './live-record.ts';
import { chooseWrongImages, type LabelledSet } from './wrong-images.ts';

/** A set of images with their classes, of which a run takes some. */
export interface EvaluationSet extends LabelledSet {
  /** MedMNIST id, or the name of a VQA set. */
  readonly dataset: string;
  /** The questions that a VQA set brings along; absent where they are built from the classes. */
  readonly questionOf?: (id: string) => Question;
}

export interface PlanRequest {
  readonly name: string;
  readonly sets: readonly EvaluationSet[];
  /** Items of each set; all of them where there are fewer. */
  readonly itemsPerSet: number;
  readonly kind: QuestionKind;
  readonly settings: RunSettings;
  /** The part of the plan that the run answers; absent for all of it. */
  readonly shard?: Shard;
}

export interface PlanPorts {
  readonly runId: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly signal: AbortSignal;
  /** Items that are planned so far. */
  readonly onProgress: (planned: number) => void;
}

/** Items that were left out, with the first reason. */
export interface LeftOut {
  readonly count: number;
  readonly reason: string;
}

export interface Plan {
  readonly newRun: NewRun;
  /** `null` when every chosen item has a question. */
  readonly leftOut: LeftOut | null;
}

/** Pixels of a plan: all of them are held until the run is stored. */
const MOST_IMAGE_BYTES = 2 * 2 ** 30;

/** Pixels by SHA-256, each once. */
class PlannedImages {
  readonly all = new Map<string, RgbImage>();
  private bytes = 0;

  /** @throws NamedError `OutOfMemory` */
  add({ image, source: { sha256 } }: DecodedImage): void {
    if (this.all.has(sha256)) return;
    this.all.set(sha256, image);
    this.bytes += image.data.byteLength;
    if (this.bytes <= MOST_IMAGE_BYTES) return;
    throw new NamedError(
      'OutOfMemory',
      'The images of these items take more than 2 GiB: take fewer items of each set.',
    );
  }
}

/**
 * Draws the items by the run seed: `itemsPerSet` of each set, then one of each set in turn, so that a
 * run that is stopped half-way has seen all sets. An item whose image cannot be read is left out.
 *
 * @throws NamedError `QuestionInvalid` when no item is left for the run, `Cancelled` when it was stopped, `OutOfMemory`
 *   when the images are too many to be held
 */
export async function planRun(request: PlanRequest, ports: PlanPorts): Promise<Plan> {
  const { sets, itemsPerSet, settings } = request;
  const { seed } = settings.sampler;
  const drawn = sets.map((set) => ({
    set,
    images: seededChoice(`items ${String(seed)} ${set.dataset}`, set.images, itemsPerSet),
  }));
  const images = new PlannedImages();
  const items: StoredItem[] = [];
  const reasons: string[] = [];
  const longest = Math.max(0, ...drawn.map((one) => one.images.length));
  for (let turn = 0; turn < longest; turn += 1) {
    for (const { set, images: chosen } of drawn) {
      const labelled = chosen[turn];
      if (!labelled) continue;
      if (ports.signal.aborted) throw new NamedError('Cancelled', 'Planning was stopped.');
      const decoded = await openOf(set, labelled.id);
      if (typeof decoded === 'string') {
        reasons.push(decoded);
        continue;
      }
      const question =
        set.questionOf?.(labelled.id) ??
        questionOf(set.dataset, decoded.source, labelled.label, request.kind);
      if (typeof question === 'string') {
        reasons.push(question);
        continue;
      }
      // A shard keeps the pixels that it shows; its plan has the hashes of all.
      const kept = isOwnPlace(items.length, request.shard) ? images : null;
      const wrongImages = settings.nulls
        ? await wrongImagesOf(set, decoded, labelled.label, seed, kept)
        : null;
      kept?.add(decoded);
      items.push({
        itemId: itemIdOf(decoded.source),
        image: decoded.source,
        question,
        wrongImages,
      });
      ports.onProgress(items.length);
    }
  }
  const [reason] = reasons;
  if (items.length === 0) {
    throw new NamedError('QuestionInvalid', reason ?? 'Choose at least one set with images.');
  }
  if (ownCount(items.length, request.shard) === 0) throw nothingLeft(items.length, request.shard);
  return {
    newRun: { run: startRun(request, items, ports), items, images: images.all },
    leftOut: reason === undefined ? null : { count: reasons.length, reason },
  };
}

const nothingLeft = (items: number, shard: Shard | undefined): NamedError =>
  new NamedError(
    'QuestionInvalid',
    `The plan has ${String(items)} items, of which ${shard ? shardWords(shard) : 'the run'} has none: take more items, or fewer shards.`,
  );

const UNREADABLE: ReadonlySet<string> = new Set(['ImageUnreadable', 'ImageTooLarge']);

/** The image, or why it cannot be read. */
async function openOf(set: EvaluationSet, id: string): Promise<DecodedImage | string> {
  try {
    return await set.open(id);
  } catch (thrown) {
    const { name, message } = asNamedError(thrown);
    if (UNREADABLE.has(name)) return message;
    throw thrown;
  }
}

/** The question of a MedMNIST image, or why there is none. */
function questionOf(
  dataset: string,
  { index }: ImageSource,
  label: readonly number[],
  kind: QuestionKind,
): Question | string {
  if (!isDatasetId(dataset) || index === null) return 'The image is of none of the MedMNIST sets.';
  const outcome = buildQuestion(dataset, label, { kind, index, seed: OPTION_SEED });
  return outcome.question ?? outcome.reason;
}

async function wrongImagesOf(
  set: EvaluationSet,
  { source }: DecodedImage,
  label: readonly number[],
  seed: number,
  images: PlannedImages | null,
): Promise<StoredWrongImages> {
  const choice = await chooseWrongImages({ source, label }, set, seed);
  if (choice.images === null) return choice;
  for (const one of choice.images) images?.add(one);
  return { ...choice, images: choice.images.map((one) => one.source) };
}

function startRun(
  { name, settings, shard }: PlanRequest,
  items: readonly StoredItem[],
  { runId, createdAt }: PlanPorts,
): NewRun['run'] {
  return {
    id: runId,
    name,
    createdAt,
    origin: 'here',
    settings,
    ...(shard && { shard }),
    datasets: itemsByDataset(items),
    items: items.length,
    done: 0,
    elapsedMs: 0,
    answerers: {},
  };
}
