/**
 * Folders with checkpoints on this machine: the files of those that are open, and a handle of each that the
 * browser lets us keep, by which it is opened again after it has asked the person. Nothing is copied.
 */

import type { DBSchema, IDBPDatabase } from 'idb';
import { NamedError } from '../protocol/errors.ts';
import { checkpointFiles, type FolderFile } from '../protocol/folder.ts';

/** A folder as it was chosen: its files, or a handle that leads to them. */
export interface GivenFolder {
  readonly name: string;
  readonly files: readonly FolderFile[] | null;
  readonly handle: FileSystemDirectoryHandle | null;
}

/** What browsers with folder handles have beyond TypeScript's library. */
interface AskableHandle extends FileSystemDirectoryHandle {
  requestPermission?(descriptor: { readonly mode: 'read' }): Promise<PermissionState>;
}

interface Schema extends DBSchema {
  /** By the id of the checkpoint. */
  handles: { key: string; value: FileSystemDirectoryHandle };
}

const DATABASE = 'supportlens-folders';

export class FolderAccess {
  private readonly open = new Map<string, readonly FolderFile[]>();

  /** Keeps a folder for a checkpoint, and its handle beyond the page where the browser can. */
  async attach(id: string, { handle }: GivenFolder, files: readonly FolderFile[]): Promise<void> {
    this.open.set(id, files);
    await kept(async (db) => {
      if (handle === null) await db.delete('handles', id);
      else await db.put('handles', handle, id);
    });
  }

  /**
   * The files of a checkpoint's folder. Asks the person where the browser wants that, so it is called soon
   * after a click. Throws `CheckpointMissing` where the folder has to be opened again, or `AccessDenied`.
   */
  async files(id: string, folder: string): Promise<readonly FolderFile[]> {
    const known = this.open.get(id);
    if (known) return known;
    const handle = (await kept((db) => db.get('handles', id))) as AskableHandle | undefined;
    if (!handle) {
      throw new NamedError(
        'CheckpointMissing',
        `The folder ${folder} is not open any more: browsers forget it with the page. Open it again under Models.`,
      );
    }
    if ((await handle.requestPermission?.({ mode: 'read' })) === 'denied') {
      throw new NamedError(
        'AccessDenied',
        `This page may not read the folder ${folder}. Load it again and allow it.`,
      );
    }
    const files = checkpointFiles(await filesOf(handle));
    this.open.set(id, files);
    return files;
  }

  async forget(id: string): Promise<void> {
    this.open.delete(id);
    await kept((db) => db.delete('handles', id));
  }
}

/** The files of a folder, below the checkpoint's own. Throws `CheckpointMissing` where it is gone. */
export async function readFolder({ files, handle }: GivenFolder): Promise<readonly FolderFile[]> {
  return checkpointFiles(files ?? (handle === null ? [] : await filesOf(handle)));
}

/** How deep a checkpoint may lie below the folder that was chosen, its onnx folder included. */
const DEEPEST = 3;

async function filesOf(
  handle: FileSystemDirectoryHandle,
  path = '',
  depth = 1,
): Promise<readonly FolderFile[]> {
  const files: FolderFile[] = [];
  try {
    for await (const [name, entry] of handle.entries()) {
      const at = `${path}${name}`;
      if (isFile(entry)) files.push({ path: at, file: await entry.getFile() });
      else if (isFolder(entry) && depth < DEEPEST) {
        files.push(...(await filesOf(entry, `${at}/`, depth + 1)));
      }
    }
  } catch (cause) {
    if (cause instanceof NamedError) throw cause;
    throw new NamedError(
      'CheckpointMissing',
      `The folder ${handle.name} cannot be read: it was moved or deleted, or the browser may not read it. Open it again.`,
      { cause },
    );
  }
  return files;
}

const isFile = (entry: FileSystemHandle): entry is FileSystemFileHandle => entry.kind === 'file';
const isFolder = (entry: FileSystemHandle): entry is FileSystemDirectoryHandle =>
  entry.kind === 'directory';

/** A browser without a database, or one that keeps no handles, forgets folders with the page: no error. */
async function kept<Result>(
  use: (db: IDBPDatabase<Schema>) => Promise<Result>,
): Promise<Result | undefined> {
  try {
    const { openDB } = await import('idb');
    const db = await openDB<Schema>(DATABASE, 1, {
      upgrade: (fresh) => {
        fresh.createObjectStore('handles');
      },
    });
    try {
      return await use(db);
    } finally {
      db.close();
    }
  } catch {
    return undefined;
  }
}
