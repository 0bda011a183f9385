/** What bounds are called, by where they come from. Pure. */

import { boundsName, type BoundsName } from '../../core/bounds-words.ts';
import type { PromptMode } from '../../core/types.ts';
import type { CheckpointBounds, ExactBounds } from '../../state/exact-bounds.svelte.ts';

/** Heading, button and what is said before the first bounds. */
export interface ExactWords {
  readonly title: string;
  readonly start: string;
  readonly budget: string;
  /** Before they were asked for, with reasoning or of a server; empty for nothing. */
  readonly hint: string;
}

const OF_MODEL: ExactWords = {
  title: 'Exact probabilities',
  start: 'Bound exactly',
  budget: 'node budget',
  hint: '',
};
const OF_LISTS: ExactWords = {
  title: 'Bounded probabilities',
  start: 'Bound from the lists',
  budget: 'token budget',
  hint: 'A server lists only its most probable tokens. This asks it for a few more answers and bounds each option from what is listed beside their tokens.',
};
const OF_BOTH: ExactWords = {
  ...OF_MODEL,
  title: 'Exact and bounded probabilities',
  start: 'Bound',
  hint: `For those of a server: ${OF_LISTS.hint}`,
};
const THINK_HINT =
  'With reasoning there are more texts than any budget reaches: bounds stay wide, and say so.';

/** @param from what the bounds would come from; what there are decides where there are some */
export function exactWords(
  from: ExactBounds['from'],
  bounds: readonly CheckpointBounds[],
  promptMode: PromptMode,
): ExactWords {
  const name = nameOfBounds(bounds);
  if (name === 'bounded' || (name === null && from === 'lists')) return OF_LISTS;
  if (name === 'exact or bounded' || (name === null && from === 'both')) return OF_BOTH;
  return promptMode === 'direct' ? OF_MODEL : { ...OF_MODEL, hint: THINK_HINT };
}

/** `null` while there are none. */
export function nameOfBounds(bounds: readonly CheckpointBounds[]): BoundsName | null {
  const areListed = bounds.flatMap(({ progress }) =>
    progress ? [progress.listed !== undefined] : [],
  );
  return areListed.length === 0 ? null : boundsName(areListed);
}
