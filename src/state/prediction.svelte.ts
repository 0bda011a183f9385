/**
 * Predict first: the guesses of a class before the bars fall. They live as long as the page is open,
 * and go nowhere: into no file, no address, no storage.
 */

import {
  chosen,
  guessKey,
  noGuess,
  tallyOf,
  withHands,
  type Guess,
  type GuessTally,
  type GuessWay,
} from './guess-tally.ts';
import type { LessonPath } from './lesson-path.svelte.ts';
import type { RunDraft } from './run-draft.svelte.ts';
import type { RunGroup } from './run-groups.ts';

export class Prediction {
  #guesses = $state.raw<Readonly<Record<string, Guess>>>({});
  #way = $state<GuessWay>('one');

  /** What is asked now; `null` where the step asks for no guess. */
  readonly #key = $derived.by<string | null>(() => {
    const step = this.lessons.active?.step;
    const { item } = this.draft;
    if (!step?.predict || item === null || item.question.options.length === 0) return null;
    return guessKey(step.id, item.source, item.question);
  });

  /** The guess about the question in the controls; `null` where the step asks for none. */
  readonly guess = $derived.by<Guess | null>(() =>
    this.#key === null
      ? null
      : (this.#guesses[this.#key] ?? noGuess(this.#way, this.draft.question.question)),
  );

  constructor(
    private readonly lessons: LessonPath,
    private readonly draft: RunDraft,
  ) {}

  get options(): readonly string[] {
    return this.draft.question.question.options;
  }

  /** How guesses are given; those of another way are put away. */
  setWay(way: GuessWay): void {
    if (this.guess?.way !== way) this.#put(noGuess(way, this.draft.question.question));
    this.#way = way;
  }

  choose(option: number): void {
    if (this.guess) this.#put(chosen(this.guess, option));
  }

  setHands(option: number, hands: number): void {
    if (this.guess) this.#put(withHands(this.guess, option, hands));
  }

  /** One hand more. */
  raise(option: number): void {
    this.setHands(option, (this.guess?.counts[option] ?? 0) + 1);
  }

  /** What was guessed of the question that this result answers; `null` when nobody did. */
  of(shown: RunGroup | null): GuessTally | null {
    const step = this.lessons.active?.step;
    if (!shown || !step?.predict) return null;
    const { image, question } = shown.first.record;
    const guess = this.#guesses[guessKey(step.id, image, question)];
    return guess ? tallyOf(guess) : null;
  }

  #put(guess: Guess): void {
    if (this.#key !== null) this.#guesses = { ...this.#guesses, [this.#key]: guess };
  }
}
