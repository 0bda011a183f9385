/** The models that a server names. */

import * as v from 'valibot';
import type { ChatServer } from './chat-call.ts';
import { modelsSchema, type ModelBody } from './chat-schema.ts';
import { withRetries } from './retries.ts';
import { invalidReply } from './server-fault.ts';
import { SilenceWatch } from './silence-watch.ts';

/** @throws NamedError why there is no list */
export async function serverModels(
  server: ChatServer,
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
