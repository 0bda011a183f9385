/**
 * The address bar and what the page shows follow each other: what stands behind `#` is followed, and the
 * state writes its own link there. Before `#` stand the lesson's file and present mode, which stay whatever
 * the page shows.
 */

import { isRecordedAddress, keepRecordedAddress } from '../storage/recorded-address.ts';
import type { Explore } from './explore.svelte.ts';
import type { LinkedRuns } from './linked-runs.svelte.ts';
import { screenOf, type ScreenChoice, type ScreenId } from './screen-choice.svelte.ts';

/** A screen by its address. */
export interface AddressedScreen {
  readonly link: string;
  follow(hash: string): Promise<void> | void;
}

export interface PageAddressPorts {
  /** The text of the run that ships with the page; `null` where it does not come. */
  readonly recordedRun: () => Promise<string | null>;
  /** Of this tab. */
  readonly storage: Pick<Storage, 'getItem' | 'setItem'>;
}

export class PageAddress {
  /** What the state wrote last: only another address is followed. */
  #written = '';
  /** The address with which the page was opened, while it waits for its lesson. */
  #lessonAsked: string | null = null;
  #started = false;
  /** The gallery and the lesson that the address names: an address needs both. Neither fails. */
  #opening: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly screens: ScreenChoice,
    private readonly explore: Explore,
    private readonly others: Readonly<Record<Exclude<ScreenId, 'explore'>, AddressedScreen>>,
    private readonly linked: LinkedRuns,
    private readonly ports: PageAddressPorts,
  ) {}

  /** @param link that of the screen on the page */
  readonly write = (link: string): void => {
    const { screens, explore } = this;
    if (!this.#started || (screens.current === 'explore' && explore.gallery.chosen === null))
      return;
    this.#written = link;
    if (link !== location.hash) history.replaceState(null, '', link);
  };

  /** A followed link is a place in the history; the state rewrites it once it has settled. */
  readonly goTo = (link: string): void => {
    if (link === location.hash) void this.#follow(link);
    else location.hash = link;
  };

  /** The address bar has another one. */
  changed(hash: string): void {
    const { explore } = this;
    // Back to Explore as it was left: nothing has to be put into its controls.
    if (hash === explore.address.link && explore.gallery.chosen !== null) this.screens.follow(hash);
    // The state may have written its own address meanwhile.
    else if (hash !== this.#written) void this.#follow(hash);
    const named = namedLesson(hash);
    if (named !== null) void explore.lessonDesk.openAddress(named);
  }

  /** A lesson was opened by its address, by a file (`null`), or closed (`null`). */
  lessonOpened(opened: string | null): void {
    const { results, lessons } = this.explore;
    // Under the title of another lesson the recorded run would tell a result that is not its own.
    if (lessons.source !== 'bundled' && results.shown?.first.origin === 'recorded')
      results.showNothing();
    writeParameter('lesson', opened);
    const asked = this.#lessonAsked;
    // One that had to be confirmed first comes after its address was followed.
    if (this.#started && asked !== null && opened !== null) void this.#follow(asked);
    this.#lessonAsked = null;
  }

  /**
   * Shows what the page was opened with. Explore without an image shows a recorded run, and shows it again
   * where the page is opened again; an address with an image asks about that image instead.
   */
  async start(): Promise<void> {
    const { screens, explore } = this;
    const { hash } = location;
    screens.follow(hash);
    // Before any wait: what is chosen on the screen meanwhile must not be put back by its address.
    const following = screenOf(hash) === 'explore' ? null : this.#follow(hash);
    const lesson = namedLesson(hash) ?? new URLSearchParams(location.search).get('lesson');
    if (lesson !== null) this.#lessonAsked = /[?&]dataset=/.test(hash) ? hash : null;
    this.#opening = Promise.all([
      explore.gallery.open(),
      lesson === null ? explore.lessonDesk.reopenFile() : explore.lessonDesk.openAddress(lesson),
    ]);
    await this.#opening;
    void explore.checkpoints.measure();
    if (following) await following;
    // Whoever was faster and followed a link is led there by that.
    else if (location.hash === hash) await this.#open(hash);
    this.#started = true;
    const { current } = screens;
    this.write(current === 'explore' ? explore.address.link : this.others[current].link);
  }

  async #open(hash: string): Promise<void> {
    const { explore, ports } = this;
    const isAboutAnImage = /[?&](dataset=|image=own)/.test(hash);
    if (isAboutAnImage && !isRecordedAddress(ports.storage, hash)) {
      await explore.follow(hash);
      return;
    }
    const { results, lessons } = explore;
    if (results.groups.length > 0) return;
    await explore.follow('');
    // A lesson of somebody's own begins with its own first step.
    const isOwnLesson = (): boolean => lessons.source !== 'bundled';
    const text = isOwnLesson() ? null : await ports.recordedRun();
    // Whoever was faster and opened a file or followed a link wants to see that.
    if (text === null || results.groups.length > 0 || location.hash !== hash || isOwnLesson())
      return;
    explore.showRecorded(text, 'first.jsonl');
    keepRecordedAddress(ports.storage, explore.address.link);
  }

  async #follow(hash: string): Promise<void> {
    const { screens } = this;
    screens.follow(hash);
    const { current } = screens;
    await this.linked.settle(hash);
    // Whoever went on meanwhile is somewhere else.
    if (screens.current !== current) return;
    if (current === 'explore') {
      await this.#opening;
      await this.explore.follow(hash);
    } else await this.others[current].follow(hash);
  }
}

/** Writes a parameter before the `#`; `null` takes it away. */
export function writeParameter(name: string, value: string | null): void {
  const query = new URLSearchParams(location.search);
  if (value === (query.get(name) ?? null)) return;
  if (value === null) query.delete(name);
  else query.set(name, value);
  const text = query.toString().replace(/=(?=&|$)/g, '');
  history.replaceState(null, '', `${location.pathname}${text && `?${text}`}${location.hash}`);
}

/** The lesson's file that an address behind `#` names; the id of a step has no dot and no slash. */
function namedLesson(hash: string): string | null {
  if (!hash.startsWith('#/explore?')) return null;
  const named = new URLSearchParams(hash.slice(hash.indexOf('?'))).get('lesson');
  return named !== null && /[./]/.test(named) ? named : null;
}
