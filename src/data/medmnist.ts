/**
 * The twelve 2D sets of MedMNIST v2 as one typed table. The facts are in `medmnist.json`, which
 * the Python recipes read as well; this file gives them names and units and nothing else.
 */
import type { Split } from '../core/types.ts';
import table from './medmnist.json';

export type DatasetId = keyof typeof table;

export type DatasetTask =
  'multi-class' | 'binary-class' | 'ordinal-regression' | 'multi-label, binary-class';

/** Sides in pixels of the square images that MedMNIST v2 publishes. */
export const IMAGE_SIDES = [28, 64, 128, 224] as const;
export type ImageSide = (typeof IMAGE_SIDES)[number];

export interface MedmnistSet {
  readonly id: DatasetId;
  readonly name: string;
  readonly modality: string;
  readonly task: DatasetTask;
  /** Channels in the file; grey sets become three equal channels when shown to a model. */
  readonly channels: 1 | 3;
  /** Class names as this lab words them; the class index is the position. */
  readonly labels: readonly string[];
  /** Class names as MedMNIST words them, same order. */
  readonly officialLabels: readonly string[];
  /** The question that the lab asks by default. */
  readonly questionText: string;
  /** Number of images in the official splits. */
  readonly splitCounts: Readonly<Record<Split, number>>;
  readonly license: string;
  /** MD5 of the official file per image side. */
  readonly md5: Readonly<Record<ImageSide, string>>;
}

const TASKS: readonly DatasetTask[] = [
  'multi-class',
  'binary-class',
  'ordinal-regression',
  'multi-label, binary-class',
];

function toSet(id: DatasetId): MedmnistSet {
  const row = table[id];
  const task = TASKS.find((name) => name === row.task);
  if (task === undefined) throw new Error(`medmnist.json: ${id} has the unknown task ${row.task}.`);
  return {
    id,
    name: row.name,
    modality: row.modality,
    task,
    channels: row.channels === 1 ? 1 : 3,
    labels: row.labels,
    officialLabels: row.officialLabels,
    questionText: row.question,
    splitCounts: row.samples,
    license: row.license,
    md5: {
      28: row.files['28'].md5,
      64: row.files['64'].md5,
      128: row.files['128'].md5,
      224: row.files['224'].md5,
    },
  };
}

export const DATASET_IDS = Object.keys(table) as readonly DatasetId[];

export const MEDMNIST: readonly MedmnistSet[] = DATASET_IDS.map(toSet);

export function isDatasetId(id: string): id is DatasetId {
  return Object.hasOwn(table, id);
}

/** The row of a set, or `null` for an id that is none of the twelve. */
export function findMedmnistSet(id: string): MedmnistSet | null {
  return MEDMNIST.find((set) => set.id === id) ?? null;
}

/** The row of a set that is known to exist. */
export function medmnistSet(id: DatasetId): MedmnistSet {
  const set = findMedmnistSet(id);
  if (set === null) throw new RangeError(`${id} is not a MedMNIST set.`);
  return set;
}

/** ChestMNIST: every image has any number of the 14 findings, also none. */
export function isMultiLabel(set: MedmnistSet): boolean {
  return set.task === 'multi-label, binary-class';
}
