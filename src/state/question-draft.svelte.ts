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
  /** The image brought none along: what stands here is a person's, or waits for one. */
  #isByHand = $state(false);
  /** Nothing was typed over the empty fields yet, and no run was tried with them. */
  #isFresh = $state(false);
  /** Options that another kind of question has no use for, for the way back. */
  #putAway: readonly string[] = ['', ''];

  readonly problems = $derived.by<readonly FieldProblem[]>(() => [
    ...validateQuestion(this.#question),
    ...(this.#mode === 'hinted' && this.#hint.trim() === ''
      ? [{ field: 'hint', message: 'Write a hint, or choose another prompt mode.' }]
      : []),
  ]);

  /** The problems to be shown: a field that was left empty for a person is none before Run is tried. */
  readonly shownProblems = $derived.by<readonly FieldProblem[]>(() => {
    const { text, options } = this.#question;
    const empty = [
      ...(text.trim() === '' ? ['text'] : []),
      ...options.flatMap((option, at) => (option.trim() === '' ? [`options.${String(at)}`] : [])),
    ];
    return this.#isFresh
      ? this.problems.filter(({ field }) => !empty.includes(field))
      : this.problems;
  });

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
  /** Whether nothing of it has been written. */
  get isBlank(): boolean {
    const { text, options } = this.#question;
    return text.trim() === '' && options.every((option) => option.trim() === '');
  }
  /** Whether it can be asked and its right answer is marked. */
  get isWhole(): boolean {
    const { correctOptions, referenceAnswer } = this.#question;
    const hasTruth = correctOptions.length > 0 || (referenceAnswer ?? '').trim() !== '';
    return this.problems.length === 0 && hasTruth;
  }

  /** The question that an image brings along. */
  ask(question: Question): void {
    this.#question = question;
    this.#isEdited = false;
    this.#isByHand = false;
    this.#isFresh = false;
  }

  /** A run was wanted: from now on empty fields are named. */
  tried(): void {
    this.#isFresh = false;
  }

  /**
   * Nothing is known that could be asked. A question by hand stays, in the shape of the kind and without
   * a truth; that of an image does not speak of another one, and leaves empty fields.
   */
  askByHand(kind: QuestionKind): void {
    if (!this.#isByHand) {
      this.#question = EMPTY;
      this.#putAway = ['', ''];
      this.#isByHand = true;
      this.#isFresh = true;
    }
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
