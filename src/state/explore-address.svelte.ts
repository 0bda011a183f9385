/** Explore as an address: writes what is in the controls, and puts an address into them. */

import type { DevicePreference } from '../protocol/vlm.ts';
import { formatExploreLink, parseExploreLink, type ExploreLink } from './explore-link.ts';
import type { LessonPath } from './lesson-path.svelte.ts';
import type { RunDraft } from './run-draft.svelte.ts';
import type { RunSession } from './run-session.svelte.ts';
import { DEFAULT_SAMPLER } from './sampler-draft.svelte.ts';

const OWN_IMAGE =
  'The address was made on an image of its sender’s own, which no address can carry: ask for the file and open it in the gallery. Settings, checkpoints and a question by hand are those of the address.';

export class ExploreAddress {
  #device = $state<DevicePreference>('auto');
  #follows = 0;

  constructor(
    private readonly draft: RunDraft,
    private readonly session: RunSession,
    private readonly lessons: LessonPath,
  ) {}

  /** Where a checkpoint should run; only an address asks for it. */
  get device(): DevicePreference {
    return this.#device;
  }

  /** The address of what is on the page. An image of the user's own has none, which it says. */
  get link(): string {
    const { gallery, question, sampler, kind, nulls } = this.draft;
    const source = gallery.chosen?.source;
    const isNamed = source?.split === 'test' && source.dataset !== null;
    const link: ExploreLink = {
      dataset: source?.split === 'test' ? source.dataset : null,
      index: source?.split === 'test' ? source.index : null,
      ownImage: source !== undefined && !isNamed,
      checkpoints: this.session.checkpoints.chosenIds,
      sampler: sampler.settings,
      mode: question.mode,
      hint: question.hint,
      kind,
      question: question.isEdited && !question.isBlank ? question.question : null,
      device: this.#device,
      nulls,
      run: false,
      lesson: this.lessons.active?.step.id ?? null,
    };
    return formatExploreLink(link, DEFAULT_SAMPLER);
  }

  /**
   * Puts an address into the controls; `true` when it asks for a run. A step of the lesson stops the
   * run before it, so that a class is not kept waiting; any other address has to wait for the run.
   */
  async follow(hash: string): Promise<boolean> {
    const link = parseExploreLink(hash);
    this.#follows += 1;
    const turn = this.#follows;
    if (link.lesson !== null) await this.session.settle();
    if (turn !== this.#follows || this.draft.refuseWhileBusy()) return false;
    this.lessons.activate(link.lesson);
    this.#device = link.device;
    // Knobs that a step leaves out stand at their usual values, not as the step before left them.
    if (this.lessons.active !== null) this.draft.sampler.reset();
    this.draft.prepare(link);
    const notice = this.#chooseCheckpoints(link.checkpoints);
    if (link.ownImage) {
      this.draft.leaveImage();
      if (link.question !== null) this.draft.editQuestion(link.question);
      this.draft.say([notice, OWN_IMAGE].filter((part) => part !== '').join(' '));
      return false;
    }
    const wanted = this.#imageIdOf(link);
    const found = await this.draft.pick(wanted);
    if (turn !== this.#follows) return false;
    if (!found && link.dataset !== null) {
      this.draft.say(
        `The address names image ${wanted}, which is not in the gallery. Open the MedMNIST file that holds it, or choose another image.`,
      );
      return false;
    }
    this.draft.say([notice, this.draft.notice].filter((part) => part !== '').join(' '));
    if (link.question !== null) this.draft.editQuestion(link.question);
    return link.run;
  }

  /** The image that the address names, else the first of the gallery. */
  #imageIdOf({ dataset, index }: ExploreLink): string {
    const { gallery } = this.draft;
    if (dataset !== null && index !== null)
      return gallery.idOf(dataset, index) ?? `${dataset}/${String(index)}`;
    return gallery.collections[0]?.images[0]?.id ?? '';
  }

  #chooseCheckpoints(ids: readonly string[]): string {
    const { checkpoints } = this.session;
    const unknown = checkpoints.choose(ids);
    if (unknown.length === 0) return '';
    const used = checkpoints.chosenIds;
    return `The address names ${unknown.length === 1 ? 'the checkpoint' : 'the checkpoints'} ${unknown.join(', ')}, which ${unknown.length === 1 ? 'is' : 'are'} not here; ${used.join(', ')} ${used.length === 1 ? 'is' : 'are'} used. What someone added from a hub, a folder or a server is added again under Models.`;
  }
}
