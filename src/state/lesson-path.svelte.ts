/**
 * The lesson's steps and the one that is being followed. A step is left by closing it or by an
 * address without one, not by looking at another image: the page then says whether that one counted.
 */

import { keyOf, type Lesson, type LessonItem, type LessonStep } from '../data/lessons.ts';
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

export class LessonPath {
  #activeId = $state<string | null>(null);

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
    readonly lesson: Lesson | null,
    /** Why there is none although there is a file; `null` otherwise. */
    readonly problem: string | null,
    /** A number from 0 up to 1, all alike. */
    private readonly random: () => number,
  ) {}

  get steps(): readonly LessonStep[] {
    return this.lesson?.steps ?? [];
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
  randomAddress(step: LessonStep): string {
    const item = step.all[Math.floor(this.random() * step.all.length)] ?? null;
    return lessonAddress(step.address, step.id, item);
  }

  counted(step: LessonStep, item: LessonItem | null): Counted {
    if (item === null) return 'not-examined';
    const isIn = (items: readonly LessonItem[]): boolean =>
      items.some((one) => keyOf(one) === keyOf(item));
    if (isIn(step.items)) return 'holds';
    return isIn(step.all) ? 'does-not-hold' : 'not-examined';
  }
}
