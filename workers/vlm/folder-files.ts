/**
 * The files of a checkpoint in a folder on this machine. They are read twice: once whole, for a hash over
 * all of them, which says in every record what was asked, and once by the runtime.
 */

import { hexOf } from '../../src/core/sha256.ts';
import { NamedError } from '../../src/protocol/errors.ts';
import type { FilesSource } from '../../src/protocol/folder.ts';
import type { Manifest, ManifestFile } from '../../src/protocol/manifest.ts';
import type { ProgressMeter } from './checkpoint-files.ts';

export class FolderFiles {
  /** No server is asked for it: `fetch` below answers. */
  readonly folderUrl = 'https://folder.invalid/files/';
  private readonly files: ReadonlyMap<string, Blob>;

  constructor(
    private readonly source: FilesSource,
    private readonly meter: ProgressMeter,
    private readonly signal: AbortSignal,
  ) {
    const wanted = new Set(source.manifest.files.map(({ path }) => path));
    this.files = new Map(
      source.files.filter(({ path }) => wanted.has(path)).map(({ path, file }) => [path, file]),
    );
    for (const { path, sizeBytes } of source.manifest.files) meter.expect(path, sizeBytes);
  }

  /** Files of the manifest, 404 for all others. */
  readonly fetch = (input: string | URL): Promise<Response> => {
    const { href } = new URL(input, this.folderUrl);
    const path = href.startsWith(this.folderUrl) ? href.slice(this.folderUrl.length) : '';
    const file = this.files.get(decodeURIComponent(path));
    if (!file) return Promise.resolve(new Response(null, { status: 404 }));
    const headers = { 'content-length': String(file.size) };
    return Promise.resolve(new Response(file, { headers }));
  };

  /**
   * Reads all of it. The manifest with a hash for each file and, as `scripts/manifest.mjs` makes it, one
   * over all of them as the revision. Throws `CheckpointMissing`, `CheckpointInvalid`, `Cancelled`.
   */
  async readThrough(): Promise<Manifest> {
    const files: ManifestFile[] = [];
    for (const { path, sizeBytes } of this.source.manifest.files) {
      const bytes = await this.read(path, sizeBytes);
      if (this.signal.aborted) throw new NamedError('Cancelled', 'Loading was cancelled.');
      files.push({ path, sizeBytes, sha256: await hashOf(bytes) });
      this.meter.add(sizeBytes);
    }
    files.sort((a, b) => (a.path < b.path ? -1 : 1));
    const lines = files.map(({ path, sha256 = '' }) => `${path} ${sha256}`).join('\n');
    const revision = await hashOf(new TextEncoder().encode(lines));
    return { revision: revision === '' ? 'not computed' : revision.slice(0, 16), files };
  }

  private async read(path: string, sizeBytes: number): Promise<Uint8Array<ArrayBuffer>> {
    const file = this.files.get(path);
    if (!file) throw gone(path, this.source.folder, null);
    if (file.size !== sizeBytes) {
      throw new NamedError(
        'CheckpointInvalid',
        `${path} has ${String(file.size)} bytes and had ${String(sizeBytes)} when the folder was added. Open the folder again.`,
      );
    }
    try {
      return new Uint8Array(await file.arrayBuffer());
    } catch (thrown) {
      throw gone(path, this.source.folder, thrown);
    }
  }
}

const gone = (path: string, folder: string, cause: unknown): NamedError =>
  new NamedError(
    'CheckpointMissing',
    `${path} of the folder ${folder} cannot be read: it was changed, moved or deleted since the folder was opened. Open the folder again.`,
    { cause },
  );

/** Hexadecimal SHA-256; empty on pages without a secure context, which have no hashes. */
async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  if (!('subtle' in crypto)) return '';
  return hexOf(await crypto.subtle.digest('SHA-256', bytes));
}
