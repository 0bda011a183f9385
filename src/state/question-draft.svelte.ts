/** The question as it stands in the editor, with its prompt mode and hint. */

import type { PromptMode, Question, QuestionKind } from '../core/types.ts';
import { validateQuestion, type FieldProblem } from '../core/validate.ts';
import { kindOfQuestion, YES_NO_OPTIONS } from '../data/questions.ts';

const EMPTY: Question = { text: '', options: [], correctOptions: [], referenceAnswer: null };

export class QuestionDraft {
  #question = $state.raw<Question>(EMPTY);
  #mode = $state<PromptMode>('think');
  #hint = $state('');
  #isEdited = $state(false);
  /** Options that another kind of question has no use for, for the way back. */
  #putAway: readonly string[] = ['', ''];

  readonly problems = $derived.by<readonly FieldProblem[]>(() => [
    ...validateQuestion(this.#question),
    ...(this.#mode === 'hinted' && this.#hint.trim() === ''
      ? [{ field: 'hint', message: 'Write a hint, or choose another prompt mode.' }]
      : []),
  ]);

  get question(): Question {
    return this.#question;
  }
  get mode(): PromptMode {
    return this.#mode;
  }
  /** The hint as typed; it is sent in `hinted` mode only. */
  get hint(): string {
    return this.#hint;
  }
  /** Whether a person changed the question since it was asked by the image. */
  get isEdited(): boolean {
    return this.#isEdited;
  }

  /** The question that an image brings along. */
  ask(question: Question): void {
    this.#question = question;
    this.#isEdited = false;
  }

  /**
   * Nothing is known that could be asked: the question stays, in the shape of the kind and without
   * a truth, for a person to edit.
   */
  askByHand(kind: QuestionKind): void {
    const { options } = this.#question;
    const held = kindOfQuestion(this.#question);
    if (held === 'options' || held === 'not') this.#putAway = options;
    const wanted = kind === 'yes-no' ? YES_NO_OPTIONS : this.#putAway;
    this.edit({
      options: kind === 'free-form' ? [] : wanted,
      correctOptions: [],
      referenceAnswer: null,
    });
  }

  /** A question by hand, or from a link. Another right answer has no use for the grading of the one before. */
  edit(change: Partial<Question>): void {
    const { grading, ...edited } = { ...this.#question, ...change };
    const isSame = edited.referenceAnswer === this.#question.referenceAnswer;
    this.#question = isSame && grading ? { ...edited, grading } : edited;
    this.#isEdited = true;
  }

  setMode(mode: PromptMode): void {
    this.#mode = mode;
  }

  setHint(hint: string): void {
    this.#hint = hint;
  }
}
