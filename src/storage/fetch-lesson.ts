/**
 * The text of a lesson's address: nothing of the person goes along, and no other address is followed.
 * Where the page's own site is not reached, the copy of the last time that the lesson was opened is taken.
 */

import { keptLesson } from './kept-lessons.ts';

const MOST_BYTES = 1e6;
/** The rest of the page waits for a lesson of its own site, so it may not wait for ever. */
const PATIENCE_MS = 15_000;

/** The host has answered, and not with a lesson: no copy takes its place. */
class RefusedLesson extends Error {}

/** @throws Error with a sentence on what happened and what to do */
export async function fetchLesson(url: URL, stop: AbortSignal): Promise<string> {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  try {
    return await textOf(url, AbortSignal.any([stop, patience]));
  } catch (thrown) {
    if (stop.aborted || thrown instanceof RefusedLesson) throw thrown;
    const kept = await keptLesson(url);
    if (kept !== null) return kept;
    throw new Error(notReached(url, patience.aborted), { cause: thrown });
  }
}

/** Why nothing came, as far as a page can know. */
function notReached({ host, origin }: URL, isLate: boolean): string {
  const isOwn = origin === location.origin;
  if (!navigator.onLine) {
    return isOwn
      ? 'There is no network, and this browser has not opened the lesson before: it keeps those of this site that it has. Open it from your disk instead.'
      : `There is no network, and lessons of ${host} are not kept here. Open the file from your disk instead.`;
  }
  if (isLate) return `${host} did not send the lesson within 15 seconds. Try again.`;
  return isOwn
    ? `${host} could not be reached, or sends the request on to another address. Is there network? Open the file from your disk instead.`
    : `${host} could not be reached, sends the request on to another address, or does not let this page read the file (it needs the header Access-Control-Allow-Origin). Save the file and open it from your disk instead.`;
}

async function textOf(url: URL, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, {
    signal,
    credentials: 'omit',
    referrerPolicy: 'no-referrer',
    redirect: 'error',
    cache: 'no-cache',
  });
  if (!response.ok) {
    throw new RefusedLesson(
      response.status === 404
        ? `There is no such file at ${url.host}. Check the address.`
        : `${url.host} answered with the status ${String(response.status)}.`,
    );
  }
  const bytes = await bodyOf(response);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new RefusedLesson('The file is no text in UTF-8. Save it as UTF-8 in the editor.');
  }
}

/** Reads no more than a lesson may have. */
async function bodyOf(response: Response): Promise<Uint8Array> {
  const reader = response.body?.getReader();
  const parts: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true };
    if (done || !value) break;
    size += value.byteLength;
    if (size > MOST_BYTES) {
      await reader?.cancel();
      throw new RefusedLesson('A lesson has up to 1 MB; this file is larger. Is it another file?');
    }
    parts.push(value);
  }
  return new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
}
