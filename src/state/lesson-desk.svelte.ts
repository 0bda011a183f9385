/**
 * Opens lessons that teachers wrote: from a file, or from an address. One of this page's own origin is
 * asked for at once; another is named first and asked only when the person says so. A broken lesson
 * changes nothing but the notice.
 */

import type { LessonOutcome } from '../data/lessons.ts';
import { isOfOrigin, lessonUrl } from './lesson-url.ts';
import type { LessonPath } from './lesson-path.svelte.ts';
import type { LessonTab } from './lesson-tab.ts';

export interface DeskProblem {
  readonly title: string;
  readonly text: string;
}

export interface LessonDeskParts {
  /** Where addresses start from. */
  readonly pageUrl: string;
  /** The body of an address as text. @throws Error with a sentence */
  readonly fetchText: (url: URL, signal: AbortSignal) => Promise<string>;
  /** One of this origin was opened: it is to be there without network. */
  readonly keep: (url: URL, text: string) => void;
  /** The text of a lesson file as a lesson; `problem` names the line. */
  readonly read: (text: string) => Promise<LessonOutcome>;
  /** Holds the file of this tab, which a reload must not take from a class. */
  readonly tab: LessonTab;
  /** A lesson is shown: its address, or `null` for a file. */
  readonly onopen: (address: string | null) => void;
}

/** Largest file that is read. */
export const MOST_LESSON_BYTES = 1e6;

export class LessonDesk {
  #asked = $state.raw<URL | null>(null);
  #problem = $state.raw<DeskProblem | null>(null);
  #loading = $state('');
  #abort: AbortController | null = null;

  constructor(
    private readonly lessons: LessonPath,
    private readonly parts: LessonDeskParts,
  ) {}

  /** An address elsewhere that waits for a yes. */
  get asked(): URL | null {
    return this.#asked;
  }
  get problem(): DeskProblem | null {
    return this.#problem;
  }
  /** Name of what is being fetched; empty when nothing is. */
  get loading(): string {
    return this.#loading;
  }

  async openFile(file: File): Promise<void> {
    const signal = this.#begin();
    if (file.size > MOST_LESSON_BYTES) {
      this.#refuse(file.name, 'A lesson has up to 1 MB. Is it another file?');
      return;
    }
    await this.#attempt(file.name, signal, async () => {
      await this.#show(await file.text(), file.name, null, signal);
    });
  }

  /** The file that this tab had open before it was loaded again; nothing where it had none. */
  async reopenFile(): Promise<void> {
    const file = this.parts.tab.read();
    if (!file) return;
    const signal = this.#begin();
    await this.#attempt(file.name, signal, async () => {
      await this.#show(file.text, file.name, null, signal);
    });
  }

  /** @param address absolute, or relative to the page */
  async openAddress(address: string): Promise<void> {
    this.#begin();
    const { pageUrl } = this.parts;
    const url = lessonUrl(address, pageUrl);
    if (url === null) {
      this.#refuse(
        address,
        'This is no address of a web page: it begins with https://, or is a path on this site.',
      );
    } else if (isOfOrigin(url, pageUrl)) await this.#fetch(url, address);
    else this.#asked = url;
  }

  /** Yes: the other origin is asked. */
  async confirm(): Promise<void> {
    const url = this.#asked;
    if (!url) return;
    this.#asked = null;
    await this.#fetch(url, url.href);
  }

  /** Puts the notice away; nothing was or is asked. */
  dismiss(): void {
    this.#begin();
    // One that this tab could not open again is not tried at every reload.
    if (this.lessons.source !== 'file') this.parts.tab.write(null);
  }

  /** Back to the lesson that ships with the page. */
  close(): void {
    this.#begin();
    this.parts.tab.write(null);
    this.lessons.showBundled();
    this.parts.onopen(null);
  }

  #begin(): AbortSignal {
    this.#abort?.abort();
    this.#abort = new AbortController();
    this.#asked = null;
    this.#problem = null;
    this.#loading = '';
    return this.#abort.signal;
  }

  #refuse(name: string, text: string): void {
    this.#problem = { title: `${name}: the lesson was not opened`, text };
  }

  async #fetch(url: URL, address: string): Promise<void> {
    const signal = this.#begin();
    const name = url.pathname.split('/').at(-1) ?? url.href;
    await this.#attempt(name, signal, async () => {
      const text = await this.parts.fetchText(url, signal);
      const isShown = await this.#show(text, name, address, signal);
      if (isShown && isOfOrigin(url, this.parts.pageUrl)) this.parts.keep(url, text);
    });
  }

  /** Says what is being opened, and why it was not. */
  async #attempt(name: string, signal: AbortSignal, open: () => Promise<void>): Promise<void> {
    this.#loading = name;
    try {
      await open();
    } catch (thrown) {
      if (signal.aborted) return;
      this.#refuse(name, thrown instanceof Error ? thrown.message : String(thrown));
    }
    if (!signal.aborted) this.#loading = '';
  }

  async #show(
    text: string,
    name: string,
    address: string | null,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { lesson, problem } = await this.parts.read(text);
    if (signal.aborted) return false;
    if (problem !== null) {
      this.#refuse(name, problem);
      return false;
    }
    this.lessons.show(lesson, address === null ? 'file' : 'address');
    this.parts.tab.write(address === null ? { name, text } : null);
    this.parts.onopen(address);
    return true;
  }
}
