/**
 * What students guessed before a run, and what it says beside the result. Pure. A guess belongs to a
 * step, an image and a question: another image asks anew.
 */

import { optionLetter } from '../core/question.ts';
import type { Question } from '../core/types.ts';

/** One guess of one person, or the hands of a class. */
export type GuessWay = 'one' | 'hands';

export interface Guess {
  readonly way: GuessWay;
  /** By option. */
  readonly counts: readonly number[];
}

/** A guess as charts and words use it. */
export interface GuessTally {
  readonly way: GuessWay;
  /** Hands in all, at least 1. */
  readonly n: number;
  /** By answer, as samples are counted: letters of options. */
  readonly counts: ReadonlyMap<string, number>;
}

/** Most hands that an option may have. */
export const MOST_HANDS = 999;

/** The image as records name it. */
interface ImageSource {
  readonly dataset: string | null;
  readonly index: number | null;
}

export function guessKey(
  stepId: string,
  { dataset, index }: ImageSource,
  { text, options }: Question,
): string {
  return JSON.stringify([stepId, dataset, index, text, options]);
}

export const noGuess = (way: GuessWay, { options }: Question): Guess => ({
  way,
  counts: options.map(() => 0),
});

/** One option chosen; chosen again, none. */
export function chosen(guess: Guess, option: number): Guess {
  const isTaken = guess.way === 'one' && guess.counts[option] === 1;
  return {
    way: 'one',
    counts: guess.counts.map((_, at) => (at === option && !isTaken ? 1 : 0)),
  };
}

/** @param hands is put into 0 … MOST_HANDS; what is no number is 0 */
export function withHands(guess: Guess, option: number, hands: number): Guess {
  const count = Number.isFinite(hands) ? Math.min(MOST_HANDS, Math.max(0, Math.round(hands))) : 0;
  return {
    way: 'hands',
    counts: guess.counts.map((one, at) => (at === option ? count : one)),
  };
}

/** `null` when nobody guessed. */
export function tallyOf({ way, counts }: Guess): GuessTally | null {
  const n = counts.reduce((sum, one) => sum + one, 0);
  if (n === 0) return null;
  const given = counts.flatMap((count, at): [string, number][] =>
    count > 0 ? [[optionLetter(at), count]] : [],
  );
  return { way, n, counts: new Map(given) };
}
