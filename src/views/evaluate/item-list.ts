/** The items of a run as a list: filtered by what a checkpoint made of them, and sorted. Pure. */

import { answerLabel, rightAnswers } from '../../core/question.ts';
import type { ItemFigures } from '../../core/sets/item-figures.ts';
import { datasetName, isPublishedSet } from '../../state/dataset-names.ts';
import { SPLIT_WORDS } from '../../state/image-holdings.ts';
import type { Difficulty, ItemSort } from '../../state/result-choice.svelte.ts';
import type { ItemRow } from './evaluate-types.ts';

export interface ListChoice {
  /** `all`, `macro` (which is all items too) or a data set. */
  readonly scope: string;
  readonly difficulty: Difficulty;
  readonly sort: ItemSort;
  /** The checkpoint that filter and order go by. */
  readonly judge: string;
  /** The shown ones, among which items may differ. */
  readonly checkpointIds: readonly string[];
}

/** A choice with its name. */
interface Named<Value> {
  readonly value: Value;
  readonly label: string;
}

export const DIFFICULTIES: readonly Named<Difficulty>[] = [
  { value: 'any', label: 'all' },
  { value: 'never', label: 'never right' },
  { value: 'sometimes', label: 'sometimes right' },
  { value: 'always', label: 'always right' },
  { value: 'hidden', label: 'right, but not said first' },
  { value: 'greedy-wrong', label: 'greedy answer wrong' },
];

export const SORTS: readonly Named<ItemSort>[] = [
  { value: 'hardest', label: 'hardest first' },
  { value: 'easiest', label: 'easiest first' },
  { value: 'differing', label: 'checkpoints differ most' },
  { value: 'wrong-image', label: 'right with wrong images' },
  { value: 'place', label: 'order of the run' },
];

const KEEPS: Readonly<Record<Exclude<Difficulty, 'any'>, (item: ItemFigures) => boolean>> = {
  never: ({ draw }) => draw.c === 0,
  sometimes: ({ draw }) => draw.c > 0 && draw.c < draw.n,
  always: ({ draw }) => draw.c === draw.n,
  hidden: ({ draw, greedyCorrect }) => !greedyCorrect && draw.c > 0,
  'greedy-wrong': ({ greedyCorrect }) => !greedyCorrect,
};

/** c / n of one checkpoint; `null` before it has answered. */
export function rightShare(row: ItemRow, checkpointId: string): number | null {
  const draw = row.figures[checkpointId]?.draw;
  return draw ? draw.c / draw.n : null;
}

/** Items that lack what the order goes by come last. */
export function listItems(rows: readonly ItemRow[], choice: ListChoice): readonly ItemRow[] {
  const { scope, difficulty, sort, judge } = choice;
  const kept = rows.filter(({ item, figures }) => {
    if (scope !== 'all' && scope !== 'macro' && item.image.dataset !== scope) return false;
    if (difficulty === 'any') return true;
    const own = figures[judge];
    return own !== undefined && KEEPS[difficulty](own);
  });
  if (sort === 'place') return kept;
  const keyed = kept.map((row) => ({ row, key: sortKey(row, choice) }));
  keyed.sort((a, b) => compare(a.key, b.key) || a.row.place - b.row.place);
  return keyed.map(({ row }) => row);
}

const compare = (a: number | null, b: number | null): number =>
  a === null || b === null ? Number(a === null) - Number(b === null) : a - b;

/** Smaller comes first. */
function sortKey(row: ItemRow, { sort, judge, checkpointIds }: ListChoice): number | null {
  const share = rightShare(row, judge);
  if (sort === 'hardest') return share;
  if (sort === 'easiest') return share === null ? null : -share;
  if (sort === 'wrong-image') {
    const blind = row.figures[judge]?.pBlind ?? null;
    return blind === null ? null : -blind;
  }
  const shares = checkpointIds.flatMap((id) => rightShare(row, id) ?? []);
  return shares.length < 2 ? null : Math.min(...shares) - Math.max(...shares);
}

/** `BloodMNIST 12`; of another split than the usual one, `BloodMNIST validation 12`. */
export function itemTitle({ item: { image } }: ItemRow): string {
  const { dataset, split, index, name } = image;
  if (dataset === null) return name;
  const words = split === null || split === 'test' ? '' : SPLIT_WORDS[split];
  const parts = [datasetName(dataset), words, index === null ? '' : String(index)];
  return parts.filter((part) => part !== '').join(' ');
}

/** What was asked, where every item is asked something else; empty where a set has one question. */
export function itemQuestion({ item: { image, question } }: ItemRow): string {
  return image.dataset === null || isPublishedSet(image.dataset) ? '' : question.text;
}

/** The right answer in words. */
export function itemTruth({ item: { question } }: ItemRow): string {
  const right = rightAnswers(question);
  if (right.length === 0) return 'not known';
  const { options, correctOptions } = question;
  const wrong = options.filter((_, at) => !correctOptions.includes(at));
  return right.length > 1 && wrong.length === 1
    ? `any but ${wrong.join('')}`
    : right.map((answer) => answerLabel(answer, question)).join(' or ');
}
