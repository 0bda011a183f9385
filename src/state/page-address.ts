/**
 * The address bar and what the page shows follow each other: what stands behind `#` is followed, and the
 * state writes its own link there. Before `#` stand the lesson's file and present mode, which stay whatever
 * the page shows.
 */

import { isRecordedAddress, keepRecordedAddress } from '../storage/recorded-address.ts';
import type { Explore } from './explore.svelte.ts';
import { OWN_IMAGES } from './image-holdings.ts';
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
  /** Opens the lesson that ships with the page. */
  readonly bundledLesson: () => Promise<void>;
  /** Of this tab. */
  readonly storage: Storage;
}

/** What the report of the recorded run would name. */
const RECORDED_FILE = 'first.jsonl';

/** An address that asks for nothing, or for no screen that there is, leads to the start page. */
export function isHome(hash: string): boolean {
  return screenOf(hash) === 'explore' && !/^#\/explore\?./.test(hash);
}

export class PageAddress {
  /** What the state wrote last: only another address is followed. */
  #written = '';
  /** The address with which the page was opened, while it waits for its lesson. */
  #lessonAsked: string | null = null;
  #started = false;
  /** Addresses that were followed: an earlier one gives way. */
  #follows = 0;
  /** The gallery and the lesson that the address names: an address needs both. Neither fails. */
  #opening: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly screens: ScreenChoice,
    private readonly explore: Explore,
    private readonly others: Readonly<Record<Exclude<ScreenId, 'explore'>, AddressedScreen>>,
    private readonly linked: LinkedRuns,
    private readonly ports: PageAddressPorts,
  ) {}

  /** @param link that of the screen on the page; under Explore another image is a place in the history */
  readonly write = (link: string): void => {
    const { chosen } = this.explore.gallery;
    const isExplore = this.screens.current === 'explore';
    if (!this.#started || (isExplore && chosen === null)) return;
    this.#written = link;
    if (link === location.hash && !isExplore) return;
    const image = isExplore ? chosen?.source.sha256 : undefined;
    const before = placeIn(history.state).image;
    const isAnother = before !== undefined && image !== before && link !== location.hash;
    if (isExplore && isAnother) history.pushState({ image }, '', link);
    else history.replaceState(isExplore ? { image } : null, '', link);
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
    else if (hash !== this.#written && !this.#goBack(hash)) void this.#follow(hash);
    const named = namedLesson(hash);
    if (named !== null) void explore.lessonDesk.openAddress(named);
  }

  /** To an image that was left by another one: with its last result, or as it was picked. */
  #goBack(hash: string): boolean {
    const { explore } = this;
    const { image } = placeIn(history.state);
    const isPlace = screenOf(hash) === 'explore' && !/[?&]lesson=/.test(hash);
    if (image === undefined || !isPlace || explore.session.isBusy) return false;
    const group = explore.results.groups.findLastIndex(
      ({ first }) => first.record.image.sha256 === image,
    );
    const own = `${OWN_IMAGES}/${image}`;
    if (group >= 0) explore.showGroup(group);
    else if (explore.gallery.has(own)) void explore.draft.pick(own);
    else return false;
    this.screens.follow(hash);
    return true;
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
   * The start page's state, as a first visit has it. The results of this session stay in reach; the
   * address is written at the end, as an unknown one must not stand there.
   */
  async #goHome(): Promise<void> {
    const { explore, ports } = this;
    const turn = this.#follows;
    const { results } = explore;
    await this.#opening;
    if (!explore.draft.refuseWhileBusy()) {
      const isRecorded = results.groups.some(({ first }) => first.origin === 'recorded');
      const text = isRecorded ? null : await ports.recordedRun().catch(() => null);
      // Whoever went on meanwhile is somewhere else. The screen may have written its own address.
      if (turn !== this.#follows || this.screens.current !== 'explore') return;
      await explore.follow('');
      if (text !== null) explore.showRecorded(text, RECORDED_FILE);
      else {
        const at = results.groups.findIndex(({ first }) => first.origin === 'recorded');
        if (at >= 0) explore.showGroup(at);
      }
    }
    const { link } = explore.address;
    if (results.shown?.first.origin === 'recorded') keepRecordedAddress(ports.storage, link);
    if (turn === this.#follows && this.screens.current === 'explore') this.write(link);
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
      this.ports.bundledLesson(),
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
    const { chosen } = explore.gallery;
    // A lesson of somebody's own begins with its own first step.
    const isOwnLesson = (): boolean => lessons.source !== 'bundled';
    const text = isOwnLesson() ? null : await ports.recordedRun();
    // Whoever was faster and opened a file or an image, or followed a link, wants to see that.
    const isElsewhere = explore.gallery.chosen !== chosen || location.hash !== hash;
    if (text === null || results.groups.length > 0 || isElsewhere || isOwnLesson()) return;
    explore.showRecorded(text, RECORDED_FILE);
    keepRecordedAddress(ports.storage, explore.address.link);
  }

  async #follow(hash: string): Promise<void> {
    const { screens } = this;
    this.#follows += 1;
    screens.follow(hash);
    const { current } = screens;
    await this.linked.settle(hash);
    // Whoever went on meanwhile is somewhere else.
    if (screens.current !== current) return;
    if (isHome(hash)) await this.#goHome();
    else if (current === 'explore') {
      await this.#opening;
      await this.explore.follow(hash);
    } else await this.others[current].follow(hash);
  }
}

/** What the page kept with a place in the history: the image that was asked about there. */
function placeIn(state: unknown): { readonly image?: string } {
  if (typeof state !== 'object' || state === null || !('image' in state)) return {};
  return typeof state.image === 'string' ? { image: state.image } : {};
}

/** Writes a parameter before the `#`; `null` takes it away. */
export function writeParameter(name: string, value: string | null): void {
  const query = new URLSearchParams(location.search);
  if (value === (query.get(name) ?? null)) return;
  if (value === null) query.delete(name);
  else query.set(name, value);
  const text = query.toString().replace(/=(?=&|$)/g, '');
  history.replaceState(
    history.state,
    '',
    `${location.pathname}${text && `?${text}`}${location.hash}`,
  );
}

/** The lesson's file that an address behind `#` names; the id of a step has no dot and no slash. */
function namedLesson(hash: string): string | null {
  if (!hash.startsWith('#/explore?')) return null;
  const named = new URLSearchParams(hash.slice(hash.indexOf('?'))).get('lesson');
  return named !== null && /[./]/.test(named) ? named : null;
}
