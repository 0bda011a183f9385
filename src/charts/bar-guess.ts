/** What people guessed before a run, as the bars draw it. Pure. */
import { formatProbability } from '../core/format.ts';

export interface BarGuess {
  /** `one` person, or the `hands` of a class. */
  readonly way: 'one' | 'hands';
  /** Guesses in all, at least 1. */
  readonly n: number;
  /** By answer; those that nobody guessed are left out. */
  readonly counts: ReadonlyMap<string, number>;
}

export const guessShare = (guess: BarGuess | null, answer: string | null): number =>
  guess === null || answer === null ? 0 : (guess.counts.get(answer) ?? 0) / guess.n;

/** The largest share; 0 without a guess. */
export const guessReach = (guess: BarGuess | null): number =>
  guess === null ? 0 : Math.max(...guess.counts.values()) / guess.n;

/** `12 of 20 hands (0.60)`, `guessed`, `not guessed`. */
export function guessWords(guess: BarGuess, answer: string | null): string {
  const count = answer === null ? 0 : (guess.counts.get(answer) ?? 0);
  if (guess.way === 'one') return count > 0 ? 'guessed' : 'not guessed';
  return `${String(count)} of ${handsWords(guess.n)} (${formatProbability(count / guess.n)})`;
}

export const guessCaption = ({ way, n }: BarGuess): string =>
  way === 'one' ? 'diamond: the guess' : `diamond: share of ${handsWords(n)}`;

const handsWords = (n: number): string => `${String(n)} ${n === 1 ? 'hand' : 'hands'}`;
