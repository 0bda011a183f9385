/**
 * The files of a built-in checkpoint: its manifest, and the fetch that transformers.js is given.
 *
 * The manifest names every file with size and hash, so that progress has a total from the first
 * byte, an optional file that does not exist costs no request (and no 404 in the console), and a
 * changed checkpoint has another URL: browsers may cache what they fetched for ever.
 */

import { parseManifest, type Manifest } from '../../src/protocol/manifest.ts';
import { NamedError } from '../../src/protocol/errors.ts';
import type { LoadProgress } from '../../src/protocol/vlm.ts';

/** Sums bytes over all files of one load. */
export class ProgressMeter {
  private loadedBytes = 0;
  private keptBytes = 0;
  private readonly totals = new Map<string, number>();
  private readonly startedAt = performance.now();
  private open = true;
  private waitingMs = 0;

  constructor(private readonly onProgress: (progress: LoadProgress) => void) {}

  expect(file: string, sizeBytes: number): void {
    this.totals.set(file, sizeBytes);
  }

  add(bytes: number): void {
    this.loadedBytes += bytes;
    this.report();
  }

  /** Bytes that were here already: no part of the rate. */
  keep(bytes: number): void {
    this.keptBytes += bytes;
    this.add(bytes);
  }

  /** A server asked to wait; 0 says that the wait is over. */
  wait(milliseconds: number): void {
    this.waitingMs = milliseconds;
    this.report();
  }

  private report(): void {
    if (!this.open) return;
    let total = 0;
    for (const size of this.totals.values()) total += size;
    this.onProgress({
      loadedBytes: this.loadedBytes,
      totalBytes: Math.max(total, this.loadedBytes),
      elapsedMs: performance.now() - this.startedAt,
      ...(this.keptBytes > 0 && { keptBytes: this.keptBytes }),
      ...(this.waitingMs > 0 && { waitingMs: this.waitingMs }),
    });
  }

  close(): void {
    this.open = false;
  }
}

/** Fetches and reads `manifest.json` of a checkpoint folder. */
export async function fetchManifest(folderUrl: string, signal: AbortSignal): Promise<Manifest> {
  const response = await fetchOrExplain(new URL('manifest.json', folderUrl), signal);
  return parseManifest(await response.json().catch(() => null));
}

/** A `fetch` for one load: knows the folder's files, counts bytes, hears the signal. */
export function checkpointFetch(
  folderUrl: string,
  manifest: Manifest,
  meter: ProgressMeter,
  signal: AbortSignal,
): (input: string | URL) => Promise<Response> {
  const sizes = new Map(manifest.files.map((file) => [file.path, file.sizeBytes]));
  const downloads = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();
  return async (input) => {
    const url = new URL(input, folderUrl);
    const path = url.href.startsWith(folderUrl) ? url.href.slice(folderUrl.length) : null;
    const sizeBytes = path === null ? undefined : sizes.get(path);
    if (path === null || sizeBytes === undefined) {
      return new Response(null, { status: 404, statusText: 'Not in the manifest' });
    }
    url.searchParams.set('v', manifest.revision);
    // The library asks twice for some files: once whether they exist, once for their content.
    let download = downloads.get(path);
    if (!download) {
      meter.expect(path, sizeBytes);
      download = fetchBytes(url, sizeBytes, meter, signal);
      downloads.set(path, download);
    }
    const bytes = await download;
    return new Response(bytes, { headers: { 'content-length': String(bytes.byteLength) } });
  };
}

/** Downloads one file whole, counting bytes; refuses one that was cut short. */
export async function fetchBytes(
  url: URL,
  sizeBytes: number | null,
  meter: ProgressMeter,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetchOrExplain(url, signal);
  const name = url.pathname.split('/').at(-1) ?? url.pathname;
  const chunks: Uint8Array[] = [];
  let received = 0;
  try {
    const reader = response.body?.getReader();
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
      chunks.push(part.value);
      received += part.value.byteLength;
      // Of unknown size: it must not stand for bytes of others that are still to come.
      if (sizeBytes === null) meter.expect(url.href, received);
      meter.add(part.value.byteLength);
    }
  } catch (thrown) {
    throw networkError(name, thrown, signal);
  }
  if (sizeBytes !== null && received !== sizeBytes) {
    throw new NamedError(
      'CheckpointInvalid',
      `${name} has ${String(received)} bytes instead of ${String(sizeBytes)}: the download was cut short, or the file was replaced. Load it again.`,
    );
  }
  const bytes = new Uint8Array(received);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

async function fetchOrExplain(url: URL, signal: AbortSignal): Promise<Response> {
  const name = url.pathname.split('/').slice(-2).join('/');
  let response: Response;
  try {
    response = await fetch(url, { signal });
  } catch (thrown) {
    throw networkError(name, thrown, signal);
  }
  const isPage = response.headers.get('content-type')?.startsWith('text/html') ?? false;
  if (response.status === 404 || (response.ok && isPage)) {
    throw new NamedError('CheckpointMissing', `${name} is not on the server.`);
  }
  if (!response.ok) {
    throw new NamedError(
      'NetworkFailed',
      `The server answered ${String(response.status)} for ${name}. Try again.`,
    );
  }
  return response;
}

function networkError(name: string, thrown: unknown, signal: AbortSignal): NamedError {
  if (signal.aborted) return new NamedError('Cancelled', 'Loading was cancelled.');
  return new NamedError(
    'NetworkFailed',
    `${name} could not be downloaded. Check the connection and load it again.`,
    { cause: thrown },
  );
}
