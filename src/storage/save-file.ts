/** Where a file goes: to the place that a person chooses, piece by piece, where the browser lets a page write. */

import { NamedError } from '../protocol/errors.ts';
import type { Piece } from './pieces.ts';

/** Not in TypeScript's DOM types: Chromium only. */
interface SaveDialog {
  showSaveFilePicker?: (options: {
    readonly suggestedName: string;
    readonly types: readonly { readonly accept: Readonly<Record<string, readonly string[]>> }[];
  }) => Promise<FileSystemFileHandle>;
}

/** A place that a person chose, under the name that the file got there. */
export interface ChosenFile {
  readonly name: string;
  readonly stream: WritableStream<Piece>;
}

/**
 * Asks for a place. To be called while a click is handled.
 *
 * @param name with its ending, such as `run.jsonl`
 * @param type MIME type
 * @returns `null` where the browser has no such dialog: offer a download of a Blob instead
 * @throws NamedError `Cancelled` when the dialog is closed, `StorageFailed` when the place is refused
 */
export async function chooseFile(name: string, type: string): Promise<ChosenFile | null> {
  const { showSaveFilePicker } = globalThis as SaveDialog;
  if (!showSaveFilePicker) return null;
  const ending = name.slice(name.lastIndexOf('.'));
  try {
    const handle = await showSaveFilePicker.call(globalThis, {
      suggestedName: name,
      types: [{ accept: { [type]: [ending] } }],
    });
    return { name: handle.name, stream: await handle.createWritable() };
  } catch (thrown) {
    const { name: reason, message } = thrown instanceof Error ? thrown : new Error(String(thrown));
    throw reason === 'AbortError'
      ? new NamedError('Cancelled', 'No place for the file was chosen.', { cause: thrown })
      : new NamedError('StorageFailed', `The file cannot be written there (${message}).`, {
          cause: thrown,
        });
  }
}
