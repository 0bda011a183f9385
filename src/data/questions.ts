/**
 * A question about one labelled image: multiple choice over shuffled classes, or free-form naming.
 * The draw depends only on (dataset, image index, seed), so a link reproduces the options.
 */
import type { Question } from '../core/types.ts';
import { isMultiLabel, medmnistSet, type DatasetId } from './medmnist.ts';
import { seededShuffler } from './seeded-order.ts';

export type QuestionKind = 'options' | 'free-form';

export interface QuestionSettings {
  readonly kind: QuestionKind;
  /** Row of the image in its split. */
  readonly index: number;
  /** Unsigned 32-bit integer. */
  readonly seed: number;
  /** Options wanted, 2 … 26; fewer are given when the set has fewer classes. Default 4. */
  readonly optionCount?: number;
}

/** `question` is `null` when the image has no answer to mark; `reason` is a sentence for people. */
export type QuestionOutcome =
  | { readonly question: Question; readonly reason: null }
  | { readonly question: null; readonly reason: string };

export const DEFAULT_OPTION_COUNT = 4;
const MAX_OPTION_COUNT = 26;

function refuse(reason: string): QuestionOutcome {
  return { question: null, reason };
}

/**
 * @param label class index, or for the multi-label set the indexes of the findings present
 * @throws RangeError for a label that the set does not have, or an option count out of range
 */
export function buildQuestion(
  dataset: DatasetId,
  label: number | readonly number[],
  settings: QuestionSettings,
): QuestionOutcome {
  const set = medmnistSet(dataset);
  const present = typeof label === 'number' ? [label] : label;
  const optionCount = settings.optionCount ?? DEFAULT_OPTION_COUNT;
  const nameOf = (index: number): string => {
    const name = set.labels[index];
    if (name === undefined) throw new RangeError(`${set.name} has no class ${index}.`);
    return name;
  };
  present.forEach(nameOf);
  if (!Number.isInteger(optionCount) || optionCount < 2 || optionCount > MAX_OPTION_COUNT) {
    throw new RangeError(`The number of options must be from 2 to ${MAX_OPTION_COUNT}.`);
  }
  if (!isMultiLabel(set) && present.length !== 1) {
    throw new RangeError(`An image of ${set.name} has one class, not ${present.length}.`);
  }

  if (present.length === 0) {
    return refuse(`This ${set.name} image has none of the ${set.labels.length} findings.`);
  }
  if (settings.kind === 'free-form') {
    const [only, ...others] = present.map(nameOf);
    if (only === undefined || others.length > 0) {
      return refuse(`This ${set.name} image has several findings, so no single name is right.`);
    }
    const question: Question = {
      text: set.questionText,
      options: [],
      correctOptions: [],
      referenceAnswer: only,
    };
    return { question, reason: null };
  }

  const shuffle = seededShuffler(`${dataset}/${settings.index}/${settings.seed}`);
  const absent = set.labels.map((_, index) => index).filter((index) => !present.includes(index));
  if (absent.length === 0) {
    return refuse(`This ${set.name} image has every finding, so there is no wrong option.`);
  }
  const truth = shuffle(present).slice(0, 1);
  const wrong = shuffle(absent).slice(0, optionCount - 1);
  const order = shuffle([...truth, ...wrong]);
  const question: Question = {
    text: set.questionText,
    options: order.map(nameOf),
    correctOptions: order.flatMap((index, position) => (truth.includes(index) ? [position] : [])),
    referenceAnswer: null,
  };
  return { question, reason: null };
}
