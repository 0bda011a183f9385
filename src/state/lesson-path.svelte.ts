/**
 * The lesson's steps and the one that is being followed. A step is left by closing it or by an
 * address without one, not by looking at another image: the page then says whether that one counted.
 */

import {
  keyOf,
  type Lesson,
  type LessonItem,
  type LessonOutcome,
  type LessonStep,
} from '../data/lessons.ts';
import { lessonAddress } from './explore-link.ts';

export interface ActiveStep {
  readonly step: LessonStep;
  /** From 1. */
  readonly number: number;
  readonly count: number;
  readonly previous: LessonStep | null;
  readonly next: LessonStep | null;
}

/** What the measurement says of an image under the step's own settings. */
export type Counted = 'holds' | 'does-not-hold' | 'not-examined';

/** Ships with the page, was opened from a file (no link reaches it), or has an address. */
export type LessonSource = 'bundled' | 'file' | 'address';

export class LessonPath {
  #lesson = $state.raw<Lesson | null>(null);
  #source = $state<LessonSource>('bundled');
  #activeId = $state<string | null>(null);
  #problem = $state.raw<string | null>(null);

  readonly active = $derived.by<ActiveStep | null>(() => {
    const at = this.steps.findIndex(({ id }) => id === this.#activeId);
    const step = this.steps[at];
    if (!step) return null;
    return {
      step,
      number: at + 1,
      count: this.steps.length,
      previous: this.steps[at - 1] ?? null,
      next: this.steps[at + 1] ?? null,
    };
  });

  constructor(
    private bundled: Lesson | null,
    problem: string | null,
    /** A number from 0 up to 1, all alike. */
    private readonly random: () => number,
  ) {
    this.#lesson = bundled;
    this.#problem = problem;
  }

  /** Why there is none although one ships with the page; `null` otherwise. */
  get problem(): string | null {
    return this.#problem;
  }

  /** The lesson that ships with the page has come; one that was opened meanwhile stays. */
  setBundled({ lesson, problem }: LessonOutcome): void {
    this.bundled = lesson;
    this.#problem = problem;
    if (this.#source === 'bundled') this.#lesson = lesson;
  }

  get lesson(): Lesson | null {
    return this.#lesson;
  }

  get source(): LessonSource {
    return this.#source;
  }

  get steps(): readonly LessonStep[] {
    return this.lesson?.steps ?? [];
  }

  /** Takes the place of the lesson before; none of its steps is followed yet. */
  show(lesson: Lesson, source: LessonSource): void {
    this.#activeId = null;
    this.#lesson = lesson;
    this.#source = source;
  }

  showBundled(): void {
    this.#activeId = null;
    this.#lesson = this.bundled;
    this.#source = 'bundled';
  }

  /** Follows a step; an unknown id leaves the lesson. */
  activate(id: string | null): void {
    this.#activeId = this.steps.some((step) => step.id === id) ? id : null;
  }

  /** The address of the step's chosen example. */
  exampleAddress(step: LessonStep): string {
    return lessonAddress(step.address, step.id, null);
  }

  /** The address of an item drawn from all that were examined, whether the claim holds there or not. */
  randomAddress({ id, address, measured }: LessonStep): string {
    const all = measured?.all ?? [];
    return lessonAddress(address, id, all[Math.floor(this.random() * all.length)] ?? null);
  }

  counted({ measured }: LessonStep, item: LessonItem | null): Counted {
    if (item === null || measured === null) return 'not-examined';
    const isIn = (items: readonly LessonItem[]): boolean =>
      items.some((one) => keyOf(one) === keyOf(item));
    if (isIn(measured.items)) return 'holds';
    return isIn(measured.all) ? 'does-not-hold' : 'not-examined';
  }
}
