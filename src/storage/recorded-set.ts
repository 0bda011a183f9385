/**
 * The recorded run over sets that ships with the page: `runs/family.json` says what it is,
 * `runs/family.jsonl.gz` is its run file, packed because not every host packs what it sends.
 */

import * as v from 'valibot';
import { NamedError } from '../protocol/errors.ts';

const factsSchema = v.object({
  fileName: v.string(),
  runId: v.string(),
  name: v.string(),
  items: v.number(),
  sets: v.number(),
  checkpointIds: v.array(v.string()),
  k: v.number(),
  promptMode: v.string(),
  /** Of the packed file. */
  sizeBytes: v.number(),
});

export type RecordedSetFacts = Readonly<v.InferOutput<typeof factsSchema>>;

/** @param folder address of the folder, with its slash @throws NamedError `NetworkFailed` */
export async function recordedSetFacts(folder: string): Promise<RecordedSetFacts> {
  const response = await get(`${folder}family.json`);
  return v.parse(factsSchema, await response.json());
}

/**
 * Fetches and unpacks the run file.
 *
 * @throws NamedError `NetworkFailed` when it does not arrive whole, `Cancelled` when it was stopped
 */
export async function recordedSetFile(
  folder: string,
  { fileName }: RecordedSetFacts,
  signal: AbortSignal,
): Promise<File> {
  const response = await get(`${folder}${fileName}`, signal);
  try {
    const packed = await response.blob();
    const text = (await isGzip(packed))
      ? await new Response(packed.stream().pipeThrough(new DecompressionStream('gzip'))).blob()
      : packed;
    return new File([text], fileName.replace(/\.gz$/u, ''), { type: 'application/jsonl' });
  } catch (thrown) {
    throw failure(fileName, thrown, signal);
  }
}

/** A host that says `Content-Encoding: gzip` has it unpacked by the browser. */
async function isGzip(file: Blob): Promise<boolean> {
  const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  return first === 0x1f && second === 0x8b;
}

async function get(url: string, signal?: AbortSignal): Promise<Response> {
  const name = url.split('/').at(-1) ?? url;
  const response = await fetch(url, signal ? { signal } : {}).catch((thrown: unknown) => {
    throw failure(name, thrown, signal);
  });
  if (response.ok) return response;
  throw new NamedError(
    'NetworkFailed',
    `${name} was not found on the server (${String(response.status)}).`,
  );
}

function failure(name: string, thrown: unknown, signal?: AbortSignal): NamedError {
  return signal?.aborted === true
    ? new NamedError('Cancelled', 'The download was stopped.', { cause: thrown })
    : new NamedError('NetworkFailed', `${name} did not arrive whole: try again.`, {
        cause: thrown,
      });
}
