/** The lesson from a person's disk that a tab has open: it lasts as long as the tab, reloads included. */

import * as v from 'valibot';
import { readStored, writeStored } from '../storage/stored-text.ts';

const KEY = 'supportlens-lesson-file';

const heldFile = v.object({ name: v.string(), text: v.string() });

export type HeldLesson = v.InferOutput<typeof heldFile>;

export class LessonTab {
  /** @param storage of the session; one that refuses holds nothing */
  constructor(private readonly storage: Storage) {}

  /** `null` where the tab has no file open. */
  read(): HeldLesson | null {
    const parsed = v.safeParse(heldFile, readStored(this.storage, KEY));
    return parsed.success ? parsed.output : null;
  }

  /** @param file `null` takes the one before away */
  write(file: HeldLesson | null): void {
    // A file that finds no room must not leave the one before for the next reload.
    if (!writeStored(this.storage, KEY, file)) writeStored(this.storage, KEY, null);
  }
}
