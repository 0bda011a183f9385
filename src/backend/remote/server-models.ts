/** The models that a server names. */

import * as v from 'valibot';
import type { AskedServer } from './chat-call.ts';
import { modelsSchema, type ModelBody } from './chat-schema.ts';
import type { ServerAddress } from '../../protocol/server.ts';
import type { OriginGate } from './origin-gate.ts';
import { USUAL_RETRIES, withRetries } from './retries.ts';
import { invalidReply, ServerFault } from './server-fault.ts';
import { SilenceWatch, USUAL_PATIENCE } from './silence-watch.ts';

/** @throws NamedError why there is no list */
async function serverModels(
  server: AskedServer,
  signal: AbortSignal,
): Promise<readonly ModelBody[]> {
  const { gate, address, retries, patience } = server;
  return withRetries(
    async () => {
      const watch = new SilenceWatch(signal, address, patience);
      try {
        const request = { path: 'models', body: null, signal: watch.signal };
        const response = await gate.request(address, request);
        const body: unknown = await response.json().catch((thrown: unknown) => {
          if (thrown instanceof SyntaxError) throw invalidReply(address.host, 'no JSON');
          throw thrown;
        });
        const parsed = v.safeParse(modelsSchema, body);
        if (!parsed.success) throw invalidReply(address.host, 'no list of models');
        return parsed.output.data;
      } catch (thrown) {
        throw gate.unreached(address, watch.meaning(thrown), signal);
      } finally {
        watch.end();
      }
    },
    signal,
    retries,
  );
}

/** Tries for a list that a server can do without. */
const LIST_ATTEMPTS = 2;

/**
 * The models that a server names; empty where it gives no list: `transformers serve` fails at it without a
 * cache of downloads.
 *
 * @throws NamedError what else went wrong
 */
export async function listedModels(
  server: AskedServer,
  signal: AbortSignal,
): Promise<readonly ModelBody[]> {
  const retries = { ...server.retries, attempts: LIST_ATTEMPTS };
  try {
    return await serverModels({ ...server, retries }, signal);
  } catch (thrown) {
    const status = thrown instanceof ServerFault ? thrown.facts.status : null;
    if (status !== null && (LACKING.has(status) || status >= 500)) return [];
    throw thrown;
  }
}

/** Statuses of a server that knows no such address. */
const LACKING: ReadonlySet<number> = new Set([404, 405, 501]);

/** Names of the models that a server lists; empty where it gives no list. @throws NamedError why it was not asked */
export async function modelNames(
  gate: OriginGate,
  address: ServerAddress,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const server = { gate, address, patience: USUAL_PATIENCE, retries: USUAL_RETRIES };
  return (await listedModels(server, signal)).map(({ id }) => id);
}
