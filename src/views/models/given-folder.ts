/** A folder as a picker, an input or a drop gives it. */

import type { ModelShelf } from '../../state/model-shelf.svelte.ts';
import { droppedFiles, pickedFiles } from '../evaluate/given-files.ts';

type GivenFolder = Parameters<ModelShelf['folder']['open']>[0];

/** What browsers with folder handles have beyond TypeScript's library. */
interface FolderWindow {
  showDirectoryPicker?(options: { readonly mode: 'read' }): Promise<FileSystemDirectoryHandle>;
}
interface HandleItem {
  getAsFileSystemHandle?(): Promise<FileSystemHandle | null>;
}

/** Whether this browser gives folders that can be opened again after a reload. */
export const hasPicker = (): boolean => 'showDirectoryPicker' in window;

/** Lets a person choose; `null` where they did not. */
export async function pickedFolder(): Promise<GivenFolder | null> {
  try {
    const handle = await (window as FolderWindow).showDirectoryPicker?.({ mode: 'read' });
    return handle ? ofHandle(handle) : null;
  } catch {
    // Closed without a choice.
    return null;
  }
}

/** Of an `<input webkitdirectory>`; `null` where nothing was chosen. */
export function inputFolder(list: FileList | null): GivenFolder | null {
  return ofFiles(pickedFiles(list));
}

/** The drop can be read only while it is handled: call it there. */
export async function droppedFolder(drop: DataTransfer): Promise<GivenFolder | null> {
  const [item] = [...drop.items];
  const asked = (item as HandleItem | undefined)?.getAsFileSystemHandle?.().catch(() => null);
  const files = droppedFiles(drop);
  const handle = await asked;
  if (handle?.kind === 'directory') return ofHandle(handle as FileSystemDirectoryHandle);
  return ofFiles(await files);
}

const ofHandle = (handle: FileSystemDirectoryHandle): GivenFolder => ({
  name: handle.name,
  files: null,
  handle,
});

function ofFiles(files: ReturnType<typeof pickedFiles>): GivenFolder | null {
  const [first] = files;
  if (!first) return null;
  const [name = '', ...below] = first.path.split('/');
  return { name: below.length > 0 ? name : 'files', files, handle: null };
}
