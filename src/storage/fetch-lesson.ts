/** The text of a lesson's address: nothing of the person goes along, and no other address is followed. */

const MOST_BYTES = 1e6;
/** The rest of the page waits for a lesson of its own site, so it may not wait for ever. */
const PATIENCE_MS = 15_000;

/** @throws Error with a sentence on what happened and what to do */
export async function fetchLesson(url: URL, stop: AbortSignal): Promise<string> {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const signal = AbortSignal.any([stop, patience]);
  try {
    return await textOf(url, signal);
  } catch (thrown) {
    if (!patience.aborted || stop.aborted) throw thrown;
    throw new Error(`${url.host} did not send the lesson within 15 seconds. Try again.`, {
      cause: thrown,
    });
  }
}

async function textOf(url: URL, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, {
    signal,
    credentials: 'omit',
    referrerPolicy: 'no-referrer',
    redirect: 'error',
    cache: 'no-cache',
  }).catch((thrown: unknown) => {
    if (signal.aborted) throw thrown;
    throw new Error(
      `${url.host} could not be reached, sends the request on to another address, or does not let this page read the file (it needs the header Access-Control-Allow-Origin). Save the file and open it from your disk instead.`,
      { cause: thrown },
    );
  });
  if (!response.ok) {
    throw new Error(
      response.status === 404
        ? `There is no such file at ${url.host}. Check the address.`
        : `${url.host} answered with the status ${String(response.status)}.`,
    );
  }
  const bytes = await bodyOf(response);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Error('The file is no text in UTF-8. Save it as UTF-8 in the editor.');
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
      throw new Error('A lesson has up to 1 MB; this file is larger. Is it another file?');
    }
    parts.push(value);
  }
  return new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
}
