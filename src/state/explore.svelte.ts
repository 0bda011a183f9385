/**
 * Explore as a whole, as views are given it: what its parts do together. Which image and question is
 * in RunDraft, running in RunSession, the address in ExploreAddress, files in RunFiles. Holds no DOM;
 * the address is handed in and out as text.
 */

import type { CheckpointChoice } from './checkpoint-choice.svelte.ts';
import type { Continuation } from './continuation.ts';
import type { ExactBounds } from './exact-bounds.svelte.ts';
import type { ExploreAddress } from './explore-address.svelte.ts';
import type { FirstSteps } from './first-steps.svelte.ts';
import type { ImageGallery } from './image-gallery.svelte.ts';
import type { LessonDesk } from './lesson-desk.svelte.ts';
import type { LessonPath } from './lesson-path.svelte.ts';
import type { Pointing } from './pointing.svelte.ts';
import type { Prediction } from './prediction.svelte.ts';
import type { QuestionDraft } from './question-draft.svelte.ts';
import type { Reweighting, ReweightTarget } from './reweighting.svelte.ts';
import type { RunDraft } from './run-draft.svelte.ts';
import type { RunFiles } from './run-files.svelte.ts';
import type { NewRecord, RunResults } from './run-results.svelte.ts';
import type { RunSession } from './run-session.svelte.ts';
import type { SamplerDraft } from './sampler-draft.svelte.ts';
import { stalenessOf } from './staleness.ts';
import type { TraceScore } from './trace-score.svelte.ts';

export class Explore {
  /** What Run would go on with; `null` when it would begin anew. */
  readonly continuation = $derived.by<Continuation | null>(() =>
    this.session.isBusy ? null : this.session.continuation(this.draft.item),
  );

  /** Why the result on the page is not that of the controls, in a sentence; empty when it is. */
  readonly stale = $derived.by<string>(() => {
    const { shown } = this.results;
    const { item } = this.draft;
    if (!shown || !item || this.session.isBusy) return '';
    const { checkpoints } = this;
    return stalenessOf(
      shown,
      item,
      checkpoints.chosenIds,
      (id) => checkpoints.find(id) !== undefined,
      this.continuation,
    );
  });

  /** What the page shows first is on its way: image, lesson, recorded run. */
  isOpening = $state(false);

  /** A step of the lesson asks for a guess, and no answer is on the page yet. */
  readonly awaitsGuess = $derived.by<boolean>(
    () => this.prediction.guess !== null && this.results.shown === null && !this.session.isBusy,
  );

  constructor(
    readonly draft: RunDraft,
    readonly session: RunSession,
    readonly lessons: LessonPath,
    readonly address: ExploreAddress,
    readonly files: RunFiles,
    readonly exact: ExactBounds,
    readonly traces: TraceScore,
    readonly reweighting: Reweighting,
    readonly pointing: Pointing,
    readonly firstSteps: FirstSteps,
    readonly lessonDesk: LessonDesk,
    readonly prediction: Prediction,
  ) {}

  get gallery(): ImageGallery {
    return this.draft.gallery;
  }
  get question(): QuestionDraft {
    return this.draft.question;
  }
  get sampler(): SamplerDraft {
    return this.draft.sampler;
  }
  get checkpoints(): CheckpointChoice {
    return this.session.checkpoints;
  }
  get results(): RunResults {
    return this.session.results;
  }

  /** Follows an address; starts a run when it asks for one. */
  async follow(hash: string): Promise<void> {
    if (await this.address.follow(hash)) void this.run();
  }

  /** Runs what is in the controls, unless something is missing there or a run goes on. */
  async run(): Promise<void> {
    const { item, blocked } = this.draft;
    this.question.tried();
    if (item === null || blocked !== null) return;
    await this.exact.turn.settle();
    const { seed } = item.sampler;
    await this.session.run(item, this.address.device, () => this.gallery.wrongImages(seed));
    if (this.session.status === 'done') this.firstSteps.finish('run');
    // A direct answer is a few tokens, so that bounds come within seconds; they do not depend on K. A
    // server is asked for more answers only when someone asks for them.
    const isAsked = item.promptMode === 'direct' && this.session.status === 'done';
    if (isAsked && this.exact.from === 'model' && !this.exact.hasEnded) void this.bound();
  }

  /** Bounds the shown result; sliders that were moved meanwhile are told at once. */
  async bound(): Promise<void> {
    await this.exact.start();
    this.reweighting.askAgain();
  }

  /** Runs what is shown again with these values, which the controls take over. */
  async runAgain(target: ReweightTarget): Promise<void> {
    if (this.session.isBusy) return;
    if (this.stale !== '') this.#adoptShown();
    this.sampler.change(target);
    await this.run();
  }

  /** Loads the chosen checkpoints, or the one that is named. */
  async load(id: string | null = null): Promise<void> {
    await this.exact.turn.settle();
    const { chosen, slots } = this.checkpoints;
    await this.session.load(
      id === null ? chosen : slots.filter((slot) => slot.id === id),
      this.address.device,
    );
  }

  /** Stops whatever is going on. */
  stop(): void {
    this.session.stop();
    this.exact.turn.stop();
  }

  /** Shows a result of this session again, with its image, question and checkpoints. */
  showGroup(index: number): void {
    this.session.show(index);
    this.#adoptShown();
  }

  async importRun(file: File): Promise<void> {
    if (this.draft.refuseWhileBusy()) return;
    await this.files.open(file, () => {
      this.#adoptShown();
    });
  }

  /** Shows the run that is shipped with the page. */
  showRecorded(text: string, fileName: string): void {
    this.files.read(text, fileName, 'recorded');
    this.#adoptShown();
  }

  /**
   * Shows records of a stored run over sets, one per checkpoint, as a result of this session.
   *
   * @returns why not, in a sentence; `null` when they are shown
   */
  showStored(records: readonly NewRecord[]): string | null {
    const [first] = records;
    if (!first) return 'No checkpoint has answered this item yet.';
    if (this.session.isBusy)
      return 'A run goes on under Explore: wait for its end, or stop it there.';
    const known = this.results.groups.findIndex(
      (group) =>
        group.records.length === records.length &&
        group.records.every(
          ({ record, origin }, at) =>
            origin === 'stored' &&
            record.runId === records[at]?.record.runId &&
            record.itemId === records[at].record.itemId,
        ),
    );
    if (known >= 0) this.session.show(known);
    else this.session.add(records);
    this.#adoptShown();
    return null;
  }

  /** The controls follow the result; a step of the lesson is left by it. */
  #adoptShown(): void {
    const { shown } = this.results;
    if (!shown) return;
    this.lessons.activate(null);
    this.draft.adopt(shown);
  }
}
