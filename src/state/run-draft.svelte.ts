/**
 * The next run as it stands in the controls: image, kind of question, question and sampler. Owns
 * what an image is asked, and the notice that says what could not be asked.
 */

import type { QuestionKind, Question } from '../core/types.ts';
import type { FieldProblem } from '../core/validate.ts';
import { isDatasetId, medmnistSet } from '../data/medmnist.ts';
import { buildQuestion, kindOfQuestion, OPTION_SEED } from '../data/questions.ts';
import type { ExploreLink } from './explore-link.ts';
import type { ImageGallery } from './image-gallery.svelte.ts';
import type { RunItem } from '../evaluation/live-record.ts';
import type { QuestionDraft } from './question-draft.svelte.ts';
import type { RunGroup } from './run-groups.ts';
import type { RunSession } from './run-session.svelte.ts';
import type { SamplerDraft } from './sampler-draft.svelte.ts';

/** What to do about an image that nothing can be asked about by itself. */
const ASK_BY_HAND =
  'Write it in the panel Question, and mark the right answer: without one the page shows the distribution only.';
const TEACHING_ONLY =
  'The built-in teaching checkpoints know only the words of the six MedMNIST sets: about anything else they guess.';

export class RunDraft {
  #kind = $state<QuestionKind>('options');
  #notice = $state('');
  /** The notice that a question is to be written; it goes when that is done. */
  #byHandNotice = '';
  #nulls = $state(true);

  readonly problems = $derived.by<readonly FieldProblem[]>(() => [
    ...this.question.problems,
    ...this.sampler.problems,
  ]);

  /** Why Run cannot be pressed, in a sentence; `null` when it can. */
  readonly blocked = $derived.by<string | null>(() => {
    const elsewhere = this.session.checkpoints.waitFor('explore');
    if (elsewhere !== null) return elsewhere;
    if (this.gallery.chosen === null) return 'Choose an image first.';
    return this.problems[0]?.message ?? null;
  });

  /** What a run would be asked; `null` without an image. */
  readonly item = $derived.by<RunItem | null>(() => {
    const { chosen } = this.gallery;
    if (chosen === null) return null;
    const { question, mode, hint } = this.question;
    const { image, source } = chosen;
    const { settings } = this.sampler;
    return {
      image,
      source,
      question,
      promptMode: mode,
      hint,
      sampler: settings,
      nulls: this.#nulls,
    };
  });

  /** The published set that the chosen image belongs to; `null` for the user's own image. */
  readonly chosenSet = $derived.by<{ readonly name: string; readonly license: string } | null>(
    () => {
      const dataset = this.gallery.chosen?.source.dataset ?? null;
      return dataset !== null && isDatasetId(dataset) ? medmnistSet(dataset) : null;
    },
  );

  constructor(
    readonly gallery: ImageGallery,
    readonly question: QuestionDraft,
    readonly sampler: SamplerDraft,
    private readonly session: RunSession,
  ) {}

  get kind(): QuestionKind {
    return this.#kind;
  }
  /** What the page has to say about the last choice, e.g. an address it could not follow. */
  get notice(): string {
    return this.#notice;
  }

  /** Whether a run draws the second seed and the wrong images too. */
  get nulls(): boolean {
    return this.#nulls;
  }

  setNulls(wanted: boolean): void {
    this.#nulls = wanted;
  }

  say(notice: string): void {
    this.#notice = notice;
  }

  /** A run belongs to its image and question: others have to wait, and the page says so. */
  refuseWhileBusy(): boolean {
    if (this.session.isBusy) {
      this.#notice = 'Stop the run before you choose another image or kind of question.';
    }
    return this.session.isBusy;
  }

  /** `true` when the image was found, opened and asked about. */
  async pick(id: string): Promise<boolean> {
    if (this.refuseWhileBusy() || !(await this.gallery.pick(id))) return false;
    this.#askAboutImage();
    return true;
  }

  /** Without an image, and without the results of the one before. */
  leaveImage(): void {
    this.gallery.leave();
    this.session.clear();
    this.question.askByHand(this.#kind);
  }

  async addFiles(files: readonly File[]): Promise<void> {
    if (this.refuseWhileBusy()) return;
    this.#notice = '';
    if (await this.gallery.addFiles(files)) this.#askAboutImage();
  }

  /** Asks about the chosen image again, in another way. An edited question gives way to it. */
  setKind(kind: QuestionKind): void {
    if (kind === this.#kind || this.refuseWhileBusy()) return;
    this.#kind = kind;
    this.#askAboutImage();
  }

  /** A question by hand. It keeps its kind, unless an address gave one that cannot be. */
  editQuestion(question: Question): void {
    this.question.edit(question);
    const isFreeForm = question.options.length === 0;
    if (isFreeForm !== (this.#kind === 'free-form')) this.#kind = kindOfQuestion(question);
    if (this.#notice === this.#byHandNotice && this.question.isWhole) this.#notice = '';
  }

  /** Takes the settings of an address over; the image that is picked next is asked by them. */
  prepare({ kind, sampler, mode, hint, nulls }: ExploreLink): void {
    this.#kind = kind;
    this.#nulls = nulls;
    this.sampler.change(sampler);
    this.question.setMode(mode);
    this.question.setHint(hint);
  }

  /** Takes image, question, sampler and checkpoints of a result over. */
  adopt({ first, records }: RunGroup): void {
    const { record, image } = first;
    const { question, promptMode, hint, sampler, image: source } = record;
    if (image) this.gallery.showImported(image, source);
    this.question.ask(question);
    this.question.setMode(promptMode);
    this.question.setHint(hint ?? '');
    this.sampler.change(sampler);
    this.#kind = kindOfQuestion(question);
    this.#nulls = record.nulls !== undefined;
    const { checkpoints } = this.session;
    const ids = records.map((one) => one.record.answerer.checkpointId);
    if (ids.some((id) => checkpoints.find(id))) checkpoints.choose(ids);
  }

  #askAboutImage(): void {
    const { chosen } = this.gallery;
    if (chosen === null) return;
    this.session.clear();
    const { dataset, index } = chosen.source;
    if (chosen.label === null || dataset === null || index === null || !isDatasetId(dataset)) {
      const isTeaching = this.session.checkpoints.chosen.some(({ row }) => row.trainedOn !== null);
      const isOwn = dataset === null && isTeaching;
      this.#askByHand('This image brings no question along.', isOwn ? TEACHING_ONLY : '');
      return;
    }
    const settings = { kind: this.#kind, index, seed: OPTION_SEED };
    const outcome = buildQuestion(dataset, chosen.label, settings);
    if (outcome.question === null) {
      this.#askByHand(outcome.reason);
      return;
    }
    this.#notice = this.#trainingNotice(dataset);
    this.question.ask(outcome.question);
  }

  #askByHand(reason: string, more = ''): void {
    this.question.askByHand(this.#kind);
    this.#notice = [reason, ASK_BY_HAND, more].filter((part) => part !== '').join(' ');
    this.#byHandNotice = this.#notice;
  }

  #trainingNotice(dataset: string): string {
    const { chosen } = this.session.checkpoints;
    const strangers = chosen.filter(({ row }) => row.trainedOn?.includes(dataset) === false);
    if (strangers.length === 0) return '';
    const names = strangers.map(({ row }) => row.name).join(', ');
    return `${names} ${strangers.length === 1 ? 'was' : 'were'} not trained on images of this set: expect guesses, not findings.`;
  }
}
