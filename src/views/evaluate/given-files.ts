/** Files as a picker or a drop gives them, with their paths below the folder that was chosen. */

import type { PathedFile } from './evaluate-types.ts';

/** Of an `<input type="file">`, of a folder or not. */
export function pickedFiles(list: FileList | null): readonly PathedFile[] {
  return [...(list ?? [])].map((file) => ({
    path: file.webkitRelativePath === '' ? file.name : file.webkitRelativePath,
    file,
  }));
}

/**
 * Of a drop; a folder is walked to its end, and what cannot be read is left out. The drop can be read only
 * while it is handled: call it there.
 */
export async function droppedFiles(drop: DataTransfer): Promise<readonly PathedFile[]> {
  const given = [...drop.items].map((item) => {
    const entry = item.webkitGetAsEntry();
    if (entry) return filesOf(entry);
    const file = item.getAsFile();
    return file ? [{ path: file.name, file }] : [];
  });
  return (await Promise.all(given)).flat();
}

async function filesOf(entry: FileSystemEntry): Promise<readonly PathedFile[]> {
  if (isFile(entry)) {
    const path = entry.fullPath.replace(/^\//u, '');
    const file = await new Promise<File | null>((resolve) => {
      entry.file(resolve, () => {
        resolve(null);
      });
    });
    return file ? [{ path, file }] : [];
  }
  if (!isDirectory(entry)) return [];
  const files: PathedFile[] = [];
  for (const one of await entriesOf(entry)) files.push(...(await filesOf(one)));
  return files;
}

/** A browser gives the entries of a folder in portions, and an empty one at the end. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<readonly FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve) => {
      reader.readEntries(resolve, () => {
        resolve([]);
      });
    });
    if (portion.length === 0) return all;
    all.push(...portion);
  }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isDirectory = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry =>
  entry.isDirectory;
