/**
 * The files of a checkpoint on a hub. A file is kept when it is complete and has the size and the hash
 * that the hub lists, so a load that broke off goes on with the files that are complete, and nothing
 * partial is ever kept. Rejected: going on inside a file, whose first half nobody can verify.
 */

import { NamedError } from '../../src/protocol/errors.ts';
import { hubFolder, type HubSource } from '../../src/protocol/hub.ts';
import {
  hubNetworkError,
  hubRequest,
  notStalled,
  type HubRequestOptions,
} from '../../src/protocol/hub-request.ts';
import type { ManifestFile } from '../../src/protocol/manifest.ts';
import type { ProgressMeter } from './checkpoint-files.ts';
import type { HubStore } from './hub-store.ts';
import { verifyFile } from './verify-file.ts';

export class HubFiles {
  /** Address below which the files lie, with a trailing slash. */
  readonly folderUrl: string;
  private readonly files: ReadonlyMap<string, ManifestFile>;
  private readonly downloads = new Map<string, Promise<void>>();
  private firstFailure: NamedError | null = null;

  constructor(
    private readonly source: HubSource,
    private readonly store: HubStore,
    private readonly meter: ProgressMeter,
    private readonly signal: AbortSignal,
    private readonly stallMs?: number,
  ) {
    const { manifest } = source;
    this.folderUrl = hubFolder({ ...source, revision: manifest.revision });
    this.files = new Map(manifest.files.map((file) => [file.path, file]));
    // All of them will be fetched: the total is right from the first byte.
    for (const { path, sizeBytes } of manifest.files) meter.expect(path, sizeBytes);
  }

  /** What went wrong first; the library and the runtime put other errors over it. */
  get failure(): NamedError | null {
    return this.firstFailure;
  }

  /** A `fetch` for this load: files of the manifest, 404 for all others, without a request. */
  readonly fetch = async (input: string | URL): Promise<Response> => {
    const { href } = new URL(input, this.folderUrl);
    const path = href.startsWith(this.folderUrl) ? href.slice(this.folderUrl.length) : '';
    const file = this.files.get(decodeURIComponent(path));
    if (file === undefined) {
      return new Response(null, { status: 404, statusText: 'Not in the manifest' });
    }
    // The library asks twice for some files: once whether they exist, once for their content.
    let download = this.downloads.get(file.path);
    if (!download) {
      download = this.complete(file).catch((thrown: unknown) => {
        const error = hubNetworkError(file.path, thrown, this.requestOptions());
        this.firstFailure ??= error;
        throw error;
      });
      this.downloads.set(file.path, download);
    }
    await download;
    const kept = await this.store.get(file);
    if (kept) return kept;
    throw new NamedError(
      'StorageFailed',
      `The browser has removed ${file.path} meanwhile. Load it again.`,
    );
  };

  /** Gets what is no graph, also what the library would not ask for: then all that is listed is kept. */
  async fetchSettings(): Promise<void> {
    const settings = [...this.files.keys()].filter((path) => !path.startsWith('onnx/'));
    await Promise.all(settings.map((path) => this.fetch(`${this.folderUrl}${path}`)));
  }

  /** Bytes that are not kept yet. */
  async missingBytes(): Promise<number> {
    let sum = 0;
    for (const file of this.files.values()) {
      if (!(await this.store.get(file))) sum += file.sizeBytes;
    }
    return sum;
  }

  private async complete(file: ManifestFile): Promise<void> {
    if (await this.store.get(file)) {
      this.meter.keep(file.sizeBytes);
      return;
    }
    const bytes = await this.download(file);
    await verifyFile(file, bytes);
    // A load that was cancelled while the hash was computed has ended already.
    this.signal.throwIfAborted();
    await this.store.put(file, bytes);
  }

  private async download(file: ManifestFile): Promise<Uint8Array<ArrayBuffer>> {
    const address = new URL(file.path, this.folderUrl).href;
    const response = await hubRequest(address, file.path, this.requestOptions());
    const reader = response.body?.getReader();
    const bytes = new Uint8Array(file.sizeBytes);
    let received = 0;
    try {
      while (reader) {
        const part = await notStalled(reader.read(), file.path, this.requestOptions());
        if (part.done) break;
        const end = received + part.value.byteLength;
        if (end <= bytes.byteLength) bytes.set(part.value, received);
        received = end;
        if (received > bytes.byteLength) break;
        this.meter.add(part.value.byteLength);
      }
    } finally {
      // Ends the transfer of one that stalled or is too long; nothing where it is complete.
      reader?.cancel().catch(() => undefined);
    }
    if (received === bytes.byteLength) return bytes;
    const size = received > bytes.byteLength ? 'more than' : `${String(received)} of`;
    throw new NamedError(
      'CheckpointInvalid',
      `${file.path} came with ${size} ${String(file.sizeBytes)} bytes and was not kept. Files that are complete are: load it again.`,
    );
  }

  private requestOptions(): HubRequestOptions {
    const { source, signal, stallMs, meter } = this;
    return {
      place: source,
      token: source.token,
      signal,
      onWait: (milliseconds) => {
        meter.wait(milliseconds);
      },
      ...(stallMs !== undefined && { stallMs }),
    };
  }
}
