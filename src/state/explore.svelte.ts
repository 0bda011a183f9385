/**
 * Explore as a whole: which image, which question, which sampler, and the run that follows from
 * them. Holds no DOM; the address is handed in and out as text.
 */

import type { Question, QuestionKind } from '../core/types.ts';
import type { FieldProblem } from '../core/validate.ts';
import { isDatasetId, medmnistSet } from '../data/medmnist.ts';
import { buildQuestion, kindOfQuestion } from '../data/questions.ts';
import { asNamedError, type NamedError } from '../protocol/errors.ts';
import type { DevicePreference } from '../protocol/vlm.ts';
import { readRunFile, writeRunFile, type LineProblem } from '../storage/run-file.ts';
import type { CheckpointChoice } from './checkpoint-choice.svelte.ts';
import { formatExploreLink, parseExploreLink, type ExploreLink } from './explore-link.ts';
import type { ImageGallery } from './image-gallery.svelte.ts';
import type { LessonPath } from './lesson-path.svelte.ts';
import { QuestionDraft } from './question-draft.svelte.ts';
import { itemIdOf } from './live-record.ts';
import { groupRecords, type RunGroup } from './run-groups.ts';
import type { RunSession } from './run-session.svelte.ts';
import { DEFAULT_SAMPLER, SamplerDraft } from './sampler-draft.svelte.ts';

/** Options are shuffled by the image, not by the run: another seed keeps the question. */
const OPTION_SEED = 0;
/** The study's sampler (`1-science.md`), with a token limit that the small checkpoints need. */
const PAPER_SAMPLER = { k: 16, temperature: 0.7, topP: 0.9, topK: 0, minP: 0 } as const;

/** What to do about an image that nothing can be asked about by itself. */
const ASK_BY_HAND =
  'Edit the question below: without a marked truth the page shows the distribution only.';

export interface ImportReport {
  readonly fileName: string;
  readonly itemCount: number;
  /** One per item and checkpoint. */
  readonly recordCount: number;
  readonly problems: readonly LineProblem[];
}

export class Explore {
  readonly question = new QuestionDraft();
  readonly sampler = new SamplerDraft();
  #kind = $state<QuestionKind>('options');
  #device = $state<DevicePreference>('auto');
  #fileError = $state.raw<NamedError | null>(null);
  #importReport = $state.raw<ImportReport | null>(null);
  #notice = $state('');
  #follows = 0;

  readonly problems = $derived.by<readonly FieldProblem[]>(() => [
    ...this.question.problems,
    ...this.sampler.problems,
  ]);

  /** Why Run cannot be pressed, in a sentence; `null` when it can. */
  readonly blocked = $derived.by<string | null>(() => {
    if (this.gallery.chosen === null) return 'Choose an image first.';
    return this.problems[0]?.message ?? null;
  });

  /** Why the result on the page is not that of the controls, in a sentence; empty when it is. */
  readonly stale = $derived.by<string>(() => {
    const { shown, isBusy } = this.session;
    const chosen = this.gallery.chosen;
    if (!shown || !chosen || isBusy) return '';
    const { record } = shown.first;
    const { question, mode, hint } = this.question;
    const isSame =
      record.itemId === itemIdOf(chosen.source) &&
      sameValue(record.question, question) &&
      record.promptMode === mode &&
      (mode !== 'hinted' || record.hint === hint) &&
      sameValue(record.sampler, this.sampler.settings);
    return isSame
      ? this.#otherCheckpoints(shown)
      : 'The settings were changed since: press Run for a new result.';
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
    readonly session: RunSession,
    readonly lessons: LessonPath,
    private readonly appVersion: string,
  ) {}

  get kind(): QuestionKind {
    return this.#kind;
  }
  get checkpoints(): CheckpointChoice {
    return this.session.checkpoints;
  }
  get device(): DevicePreference {
    return this.#device;
  }
  get fileError(): NamedError | null {
    return this.#fileError;
  }
  get importReport(): ImportReport | null {
    return this.#importReport;
  }
  /** What the page has to say about the last choice, e.g. an address it could not follow. */
  get notice(): string {
    return this.#notice;
  }

  /** The address of what is on the page. An image of the user's own has none. */
  get link(): string {
    const source = this.gallery.chosen?.source;
    const link: ExploreLink = {
      dataset: source?.split === 'test' ? source.dataset : null,
      index: source?.split === 'test' ? source.index : null,
      checkpoints: this.checkpoints.chosenIds,
      sampler: this.sampler.settings,
      mode: this.question.mode,
      hint: this.question.hint,
      kind: this.#kind,
      question: this.question.isEdited ? this.question.question : null,
      device: this.#device,
      run: false,
      lesson: this.lessons.active?.step.id ?? null,
    };
    return formatExploreLink(link, DEFAULT_SAMPLER);
  }

  /**
   * Follows an address; starts a run when it asks for one. A step of the lesson stops the run before
   * it, so that a class is not kept waiting; any other address has to wait for the run.
   */
  async follow(hash: string): Promise<void> {
    const link = parseExploreLink(hash);
    this.#follows += 1;
    const turn = this.#follows;
    if (link.lesson !== null) await this.session.settle();
    if (turn !== this.#follows || this.#refuseWhileBusy()) return;
    this.lessons.activate(link.lesson);
    this.#device = link.device;
    this.#kind = link.kind;
    this.sampler.change(link.sampler);
    this.question.setMode(link.mode);
    this.question.setHint(link.hint);
    const notice = this.#chooseCheckpoints(link.checkpoints);
    const [first] = this.gallery.collections;
    const wanted =
      link.dataset !== null && link.index !== null
        ? `${link.dataset}/${link.index}`
        : (first?.images[0]?.id ?? '');
    const found = await this.pick(wanted);
    if (turn !== this.#follows) return;
    if (!found && link.dataset !== null) {
      this.#notice = `The address names image ${wanted}, which is not in the gallery. Open the MedMNIST file that holds it, or choose another image.`;
      return;
    }
    this.#notice = [notice, this.#notice].filter((part) => part !== '').join(' ');
    if (link.question !== null) this.editQuestion(link.question);
    if (link.run && this.blocked === null) void this.run();
  }

  async pick(id: string): Promise<boolean> {
    if (this.#refuseWhileBusy() || !(await this.gallery.pick(id))) return false;
    this.#askAboutImage();
    return true;
  }

  async addFiles(files: readonly File[]): Promise<void> {
    if (this.#refuseWhileBusy()) return;
    this.#notice = '';
    if (await this.gallery.addFiles(files)) this.#askAboutImage();
  }

  async run(): Promise<void> {
    const { chosen } = this.gallery;
    if (chosen === null || this.blocked !== null || this.session.isBusy) return;
    const { question, mode, hint } = this.question;
    const { image, source } = chosen;
    const sampler = this.sampler.settings;
    await this.session.run(
      { image, source, question, promptMode: mode, hint, sampler },
      this.#device,
    );
  }

  /** Loads the chosen checkpoints, or the one that is named. */
  load(id: string | null = null): Promise<void> {
    const { chosen, slots } = this.checkpoints;
    return this.session.load(
      id === null ? chosen : slots.filter((slot) => slot.id === id),
      this.#device,
    );
  }

  usePaperSampler(): void {
    this.sampler.change(PAPER_SAMPLER);
  }

  resetSampler(): void {
    this.sampler.change(DEFAULT_SAMPLER);
  }

  /** Asks about the chosen image again, in another way. An edited question gives way to it. */
  setKind(kind: QuestionKind): void {
    if (kind === this.#kind || this.#refuseWhileBusy()) return;
    this.#kind = kind;
    this.#askAboutImage();
  }

  /** A question by hand. It keeps its kind, unless an address gave one that cannot be. */
  editQuestion(question: Question): void {
    this.question.edit(question);
    const isFreeForm = question.options.length === 0;
    if (isFreeForm !== (this.#kind === 'free-form')) this.#kind = kindOfQuestion(question);
  }

  /** Shows a result of this session again, with its image, question and checkpoints. */
  showGroup(index: number): void {
    this.session.show(index);
    const shown = this.session.shown;
    if (shown) this.#adopt(shown);
  }

  /** The shown run as JSONL, one line per checkpoint; `null` when there is none. */
  exportRun(): { readonly fileName: string; readonly text: string } | null {
    const shown = this.session.shown;
    if (!shown) return null;
    const { record, createdAt } = shown.first;
    const header = { runId: record.runId, createdAt, app: { version: this.appVersion } };
    const name = record.itemId.replaceAll('/', '-').slice(0, 60);
    return {
      fileName: `supportlens-${name}-k${record.sampler.k}.jsonl`,
      text: writeRunFile(
        header,
        shown.records.map(({ record: one, image }) => ({ record: one, image })),
      ),
    };
  }

  async importRun(file: File): Promise<void> {
    if (this.#refuseWhileBusy()) return;
    this.#fileError = null;
    this.#importReport = null;
    try {
      this.importText(await file.text(), file.name, 'imported');
    } catch (thrown) {
      this.#fileError = asNamedError(thrown);
    }
  }

  /** Adds the good lines of a run file and shows the first; broken lines are reported. */
  importText(text: string, fileName: string, origin: 'imported' | 'recorded'): void {
    const { header, items, problems } = readRunFile(text);
    const { createdAt } = header;
    const records = items.map(({ record, image }) => ({ record, image, origin, createdAt }));
    if (origin === 'imported') {
      const itemCount = groupRecords(records.map((one) => ({ ...one, batch: 0 }))).length;
      this.#importReport = { fileName, itemCount, recordCount: records.length, problems };
    }
    this.session.add(records);
    if (this.session.shown) this.#adopt(this.session.shown);
  }

  #adopt({ first, records }: RunGroup): void {
    const { record, image } = first;
    const { question, promptMode, hint, sampler, image: source } = record;
    this.lessons.activate(null);
    if (image) this.gallery.showImported(image, source);
    this.question.ask(question);
    this.question.setMode(promptMode);
    this.question.setHint(hint ?? '');
    this.sampler.change(sampler);
    this.#kind = kindOfQuestion(question);
    const ids = records.map((one) => one.record.answerer.checkpointId);
    if (ids.some((id) => this.checkpoints.find(id))) this.checkpoints.choose(ids);
  }

  /** What the shown result lacks of the chosen checkpoints, or has beyond them. */
  #otherCheckpoints({ records }: RunGroup): string {
    const chosen = this.checkpoints.chosenIds;
    const shown = records.map(({ record }) => record.answerer.checkpointId);
    const missing = chosen.filter((id) => !shown.includes(id));
    if (missing.length > 0) {
      return `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not in this result yet: press Run.`;
    }
    const left = shown.filter((id) => !chosen.includes(id) && this.checkpoints.find(id));
    return left.length === 0
      ? ''
      : `${left.join(', ')} ${left.length === 1 ? 'is' : 'are'} in this result and no longer chosen: press Run for a new one.`;
  }

  /** A run belongs to its image and question: others have to wait, and the page says so. */
  #refuseWhileBusy(): boolean {
    if (this.session.isBusy) {
      this.#notice = 'Stop the run before you choose another image or kind of question.';
    }
    return this.session.isBusy;
  }

  #askAboutImage(): void {
    const { chosen } = this.gallery;
    if (chosen === null) return;
    this.session.clear();
    const { dataset, index } = chosen.source;
    if (chosen.label === null || dataset === null || index === null || !isDatasetId(dataset)) {
      this.#notice = `This image brings no question along. ${ASK_BY_HAND}`;
      this.question.askByHand(this.#kind);
      return;
    }
    const settings = { kind: this.#kind, index, seed: OPTION_SEED };
    const outcome = buildQuestion(dataset, chosen.label, settings);
    if (outcome.question === null) {
      this.#notice = `${outcome.reason} ${ASK_BY_HAND}`;
      this.question.askByHand(this.#kind);
      return;
    }
    this.#notice = this.#trainingNotice(dataset);
    this.question.ask(outcome.question);
  }

  #trainingNotice(dataset: string): string {
    const strangers = this.checkpoints.chosen.filter(({ row }) => !row.trainedOn.includes(dataset));
    if (strangers.length === 0) return '';
    const names = strangers.map(({ row }) => row.name).join(', ');
    return `${names} ${strangers.length === 1 ? 'was' : 'were'} not trained on images of this set: expect guesses, not findings.`;
  }

  #chooseCheckpoints(ids: readonly string[]): string {
    const unknown = this.checkpoints.choose(ids);
    if (unknown.length === 0) return '';
    const used = this.checkpoints.chosenIds;
    return `The address names ${unknown.length === 1 ? 'the checkpoint' : 'the checkpoints'} ${unknown.join(', ')}, which ${unknown.length === 1 ? 'is' : 'are'} not here; ${used.join(', ')} ${used.length === 1 ? 'is' : 'are'} used.`;
  }
}

function sameValue(a: object, b: object): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
