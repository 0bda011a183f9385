/** Which of the twelve MedMNIST sets a file is: by its name, else by what is in it. */
import {
  isMultiLabel,
  MEDMNIST,
  type DatasetId,
  type MedmnistSet,
} from '../../src/data/medmnist.ts';
import type { Split } from '../../src/core/types.ts';
import { npzInvalid } from './npz-errors.ts';

export interface SetTraits {
  readonly channels: 1 | 3;
  /** The split that the other traits are of. */
  readonly split: Split;
  /** Numbers per image in its labels: 14 for findings, else 1. */
  readonly labelWidth: number;
  /** Largest class index, or largest value of the findings. */
  readonly largestLabel: number;
  /** Images per split, as far as the file has them. */
  readonly splitCounts: Readonly<Partial<Record<Split, number>>>;
}

/** What of the contents contradicts the set; `null` when nothing does. */
function contradiction(set: MedmnistSet, traits: SetTraits): string | null {
  const color = { 1: 'grey', 3: 'colour' } as const;
  if (set.channels !== traits.channels) {
    return `${traits.split}_images is ${color[traits.channels]}, but ${set.name} is ${color[set.channels]}`;
  }
  const labelWidth = isMultiLabel(set) ? set.labels.length : 1;
  if (traits.labelWidth !== labelWidth) {
    return `${traits.split}_labels has ${traits.labelWidth} numbers per image, but ${set.name} has ${labelWidth}`;
  }
  const largest = isMultiLabel(set) ? 1 : set.labels.length - 1;
  if (traits.largestLabel > largest) {
    return `${traits.split}_labels contains ${traits.largestLabel}, but ${set.name} has labels 0 to ${largest}`;
  }
  return null;
}

function namedSets(fileName: string): MedmnistSet[] {
  const lowered = fileName.toLowerCase();
  return MEDMNIST.filter((set) => lowered.includes(set.id));
}

function hasSplitCounts(set: MedmnistSet, counts: SetTraits['splitCounts']): boolean {
  const present = Object.entries(counts) as [Split, number][];
  return present.every(([split, count]) => set.splitCounts[split] === count);
}

/**
 * @returns the sets that the file may be, the likeliest first; one when it is certain
 * @throws NpzInvalid when the contents contradict the file's name, or fit none of the twelve
 */
export function identifySet(fileName: string, traits: SetTraits): readonly DatasetId[] {
  const [named, ...otherNamed] = namedSets(fileName);
  if (named !== undefined && otherNamed.length === 0) {
    const why = contradiction(named, traits);
    if (why === null) return [named.id];
    throw npzInvalid(`The file is named ${named.id}, but ${why}.`, 'Check or rename the file.');
  }
  const possible = MEDMNIST.filter((set) => contradiction(set, traits) === null);
  const official = possible.filter((set) => hasSplitCounts(set, traits.splitCounts));
  const [only, ...rest] = official.length > 0 ? official : possible;
  if (only === undefined) {
    throw npzInvalid(
      `Image channels and ${traits.split}_labels fit none of the twelve MedMNIST sets.`,
      'Only MedMNIST v2 files can be opened.',
    );
  }
  // a set whose last class occurs is likelier than one with classes to spare
  const isExact = (set: MedmnistSet): boolean => set.labels.length === traits.largestLabel + 1;
  return [only, ...rest]
    .sort((a, b) => Number(isExact(b)) - Number(isExact(a)))
    .map((set) => set.id);
}
