/**
 * The set that RL would learn from: items on which the model is neither always nor never right, taken
 * in turn from every dataset and class, in the JSONL of the released code; and the items that need SFT
 * first. Test items are refused: a
 * model that learned from them could not be measured any more.
 */
import { optionLetter } from '../question.ts';
import type { Question } from '../types.ts';
import type { ItemFigures } from './item-figures.ts';

export interface RlCandidate {
  readonly figures: ItemFigures;
  readonly question: Question;
  /** Number of the item in its set, as `dataset_index`. */
  readonly index: number | null;
  /** Path that the file gives for its image. */
  readonly imagePath: string;
}

export interface RlSet {
  readonly chosen: readonly RlCandidate[];
  /** Never right among its samples: RL finds nothing to reward there, SFT is what can help. */
  readonly needsSft: readonly RlCandidate[];
  /** Why the others were not: items by reason. */
  readonly leftOut: {
    readonly test: number;
    /** Of unknown split: they could be test items. */
    readonly unknownSplit: number;
    readonly always: number;
    readonly never: number;
    /** In the band, beyond `most`. */
    readonly beyond: number;
  };
}

/** @param most items at the most; `null` for all of the band */
export function rlSet(candidates: readonly RlCandidate[], most: number | null): RlSet {
  const leftOut = { test: 0, unknownSplit: 0, always: 0, never: 0, beyond: 0 };
  const band: RlCandidate[] = [];
  const never: RlCandidate[] = [];
  for (const candidate of candidates) {
    const reason = reasonOf(candidate.figures);
    if (reason === null) band.push(candidate);
    else leftOut[reason] += 1;
    if (reason === 'never') never.push(candidate);
  }
  const ordered = balanced(band);
  const chosen = ordered.slice(0, most ?? ordered.length);
  const beyond = ordered.length - chosen.length;
  return { chosen, needsSft: balanced(never), leftOut: { ...leftOut, beyond } };
}

/** In turn from every dataset and class. */
function balanced(candidates: readonly RlCandidate[]): readonly RlCandidate[] {
  const shelves = new Map<string, Map<string, RlCandidate[]>>();
  for (const candidate of candidates) {
    const { dataset, rightLabel } = candidate.figures;
    const classes = shelves.get(dataset) ?? new Map<string, RlCandidate[]>();
    shelves.set(dataset, classes);
    classes.set(rightLabel, [...(classes.get(rightLabel) ?? []), candidate]);
  }
  return inTurn([...shelves.values()].map((classes) => inTurn([...classes.values()])));
}

function reasonOf({ split, draw: { n, c } }: ItemFigures): keyof RlSet['leftOut'] | null {
  if (split === 'test') return 'test';
  if (split === null) return 'unknownSplit';
  if (c === n) return 'always';
  return c === 0 ? 'never' : null;
}

/** The first of each list, then the second of each, until all are empty. */
function inTurn<Item>(lists: readonly (readonly Item[])[]): readonly Item[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, turn) =>
    lists.flatMap((list) => list.slice(turn, turn + 1)),
  ).flat();
}

/** One line of the released format (armenjeddi/medbridgerl), without a line end. */
export function rlSetLine({ figures, question, index, imagePath }: RlCandidate): string {
  const { options, correctOptions, referenceAnswer } = question;
  const right = correctOptions[0];
  const label = right === undefined ? null : optionLetter(right);
  return JSON.stringify({
    dataset_name: figures.dataset,
    dataset_index: index,
    image_paths: [imagePath],
    question: question.text,
    options: options.length === 0 ? null : options,
    options_dict:
      options.length === 0
        ? null
        : Object.fromEntries(options.map((option, at) => [optionLetter(at), option])),
    answer_label: label,
    answer: right === undefined ? referenceAnswer : (options[right] ?? null),
  });
}
