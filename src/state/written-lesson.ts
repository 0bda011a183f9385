/** A lesson file as steps with addresses: image, question, checkpoints and every knob. Pure. */

import type { Question } from '../core/types.ts';
import type { Lesson, LessonOutcome, LessonStep } from '../data/lessons.ts';
import {
  readLesson,
  type WrittenLesson,
  type WrittenQuestion,
  type WrittenStep,
} from '../data/lesson-file.ts';
import type { LessonStock } from '../data/lesson-stock.ts';
import { formatExploreLink } from './explore-link.ts';
import { DEFAULT_SAMPLER } from './sampler-draft.svelte.ts';

/** From the text of a file to a lesson, or to a sentence that names the line. */
export function readWrittenLesson(text: string, stock: LessonStock): LessonOutcome {
  const { lesson, problem } = readLesson(text, stock);
  return problem === null ? { lesson: lessonOf(lesson), problem } : { lesson: null, problem };
}

const lessonOf = ({ title, steps }: WrittenLesson): Lesson => ({
  title,
  steps: steps.map(stepOf),
});

function stepOf(step: WrittenStep, at: number): LessonStep {
  const { title, text, look = null, checkpoints, predict } = step;
  const id = `step-${String(at + 1)}`;
  return { id, title, sentence: text, look, checkpoints, predict, ...addressOf(step) };
}

/** A step without a guess runs at once; one with a guess waits for it. */
function addressOf(step: WrittenStep): Pick<LessonStep, 'address' | 'measured'> {
  const { image, question, checkpoints, sampler, prompt, nulls, predict } = step;
  const byHand = questionOf(question);
  const link = formatExploreLink(
    {
      dataset: image.dataset,
      index: image.index,
      ownImage: false,
      checkpoints,
      sampler: { ...DEFAULT_SAMPLER, ...sampler },
      mode: prompt,
      hint: '',
      kind: byHand?.options.length === 0 ? 'free-form' : (question.kind ?? 'options'),
      question: byHand,
      device: 'auto',
      nulls,
      run: false,
      lesson: null,
    },
    DEFAULT_SAMPLER,
  );
  return { address: predict ? link : `${link}&run=1`, measured: null };
}

/** `null` for one that the image brings along. */
function questionOf({ text, options = [], right = [], answer }: WrittenQuestion): Question | null {
  if (text === undefined) return null;
  const correctOptions = [right].flat().map((one) => options.indexOf(one));
  return { text, options, correctOptions, referenceAnswer: answer ?? null };
}
