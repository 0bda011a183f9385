/**
 * A question about one labelled image, in four kinds: which of these is it, is it this one (yes or
 * no), which of these is it not, or its name in free form. The draw depends only on (dataset, image
 * index, seed, kind), so a link reproduces the options. The wording is in `prompts.json`.
 */
import type { Question, QuestionKind } from '../core/types.ts';
import { isMultiLabel, medmnistSet, type DatasetId, type MedmnistSet } from './medmnist.ts';
import wording from './prompts.json';
import { seededShuffler } from './seeded-order.ts';

export const QUESTION_KINDS: readonly QuestionKind[] = ['options', 'yes-no', 'not', 'free-form'];

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

/** Options are shuffled by the image, not by the run: another run seed keeps the question. */
export const OPTION_SEED = 0;

export const DEFAULT_OPTION_COUNT = 4;
const MAX_OPTION_COUNT = 26;

/** The options of a yes-or-no question, before they are shuffled. */
export const YES_NO_OPTIONS = [wording.kinds.yes, wording.kinds.no] as const;

/** What a question is drawn from. */
interface Draw {
  readonly set: MedmnistSet;
  /** Class indexes that the image has, and those that it has not. */
  readonly present: readonly number[];
  readonly absent: readonly number[];
  /** Draws of different kinds share a key only where they are to share the options. */
  readonly key: string;
  readonly optionCount: number;
}

const QUESTION_OF_KIND = {
  options: whichIsIt,
  'yes-no': isItThis,
  not: whichIsItNot,
  'free-form': nameIt,
} as const satisfies Record<QuestionKind, (draw: Draw) => QuestionOutcome>;

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
  present.forEach((index) => nameOf(set, index));
  if (!Number.isInteger(optionCount) || optionCount < 2 || optionCount > MAX_OPTION_COUNT) {
    throw new RangeError(`The number of options must be from 2 to ${MAX_OPTION_COUNT}.`);
  }
  if (!isMultiLabel(set) && present.length !== 1) {
    throw new RangeError(`An image of ${set.name} has one class, not ${present.length}.`);
  }
  const absent = set.labels.map((_, index) => index).filter((index) => !present.includes(index));
  const key = `${dataset}/${settings.index}/${settings.seed}`;
  return QUESTION_OF_KIND[settings.kind]({ set, present, absent, key, optionCount });
}

/** The kind of a question that came without one, e.g. with a run file. */
export function kindOfQuestion({ text, options }: Question): QuestionKind {
  if (options.length === 0) return 'free-form';
  const isYesNo = options.length === 2 && YES_NO_OPTIONS.every((word) => options.includes(word));
  if (isYesNo) return 'yes-no';
  return text.endsWith(wording.kinds.not.replace('{question}', '')) ? 'not' : 'options';
}

function whichIsIt(draw: Draw): QuestionOutcome {
  const options = drawOptions(draw);
  if ('reason' in options) return options;
  return multipleChoice(draw.set, draw.set.questionText, options.order, [options.truth]);
}

/** The options of "which is it", with everything right that the image is not. */
function whichIsItNot(draw: Draw): QuestionOutcome {
  const options = drawOptions(draw);
  if ('reason' in options) return options;
  const text = wording.kinds.not.replace('{question}', draw.set.questionText);
  const right = options.order.filter((index) => index !== options.truth);
  return multipleChoice(draw.set, text, options.order, right);
}

/** Asks about something present as often as about something absent, where there are both. */
function isItThis({ set, present, absent, key }: Draw): QuestionOutcome {
  const shuffle = seededShuffler(`${key}/yes-no`);
  const [first = [], second = []] = shuffle([present, absent]);
  const [named = 0] = shuffle(first.length > 0 ? first : second);
  const options = shuffle(YES_NO_OPTIONS);
  const right = present.includes(named) ? wording.kinds.yes : wording.kinds.no;
  const question: Question = {
    text: wording.kinds.yesNo
      .replace('{question}', set.questionText)
      .replace('{label}', nameOf(set, named)),
    options,
    correctOptions: [options.indexOf(right)],
    referenceAnswer: null,
  };
  return { question, reason: null };
}

function nameIt({ set, present }: Draw): QuestionOutcome {
  if (present.length === 0) return noFinding(set);
  const [only, ...others] = present.map((index) => nameOf(set, index));
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

type Refusal = Extract<QuestionOutcome, { readonly question: null }>;

/** One class that the image has among others that it has not, in the order shown. */
function drawOptions({
  set,
  present,
  absent,
  key,
  optionCount,
}: Draw): { readonly truth: number; readonly order: readonly number[] } | Refusal {
  if (absent.length === 0) {
    return refuse(`This ${set.name} image has every finding, so each option would be present.`);
  }
  const shuffle = seededShuffler(key);
  const [truth] = shuffle(present);
  if (truth === undefined) return noFinding(set);
  const wrong = shuffle(absent).slice(0, optionCount - 1);
  return { truth, order: shuffle([truth, ...wrong]) };
}

function multipleChoice(
  set: MedmnistSet,
  text: string,
  order: readonly number[],
  right: readonly number[],
): QuestionOutcome {
  const question: Question = {
    text,
    options: order.map((index) => nameOf(set, index)),
    correctOptions: order.flatMap((index, position) => (right.includes(index) ? [position] : [])),
    referenceAnswer: null,
  };
  return { question, reason: null };
}

function nameOf(set: MedmnistSet, index: number): string {
  const name = set.labels[index];
  if (name === undefined) throw new RangeError(`${set.name} has no class ${index}.`);
  return name;
}

function refuse(reason: string): Refusal {
  return { question: null, reason };
}

function noFinding(set: MedmnistSet): Refusal {
  return refuse(`This ${set.name} image has none of the ${set.labels.length} findings.`);
}
