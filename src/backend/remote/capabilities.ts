/** Which model a server answers with and what it does, found out once, before the first question. */

import { NamedError } from '../../protocol/errors.ts';
import type { ServedModel } from '../../protocol/server.ts';
import type { ChatServer } from './chat-call.ts';
import type { ModelBody } from './chat-schema.ts';
import { listedModels } from './server-models.ts';
import { ServerProbe } from './server-probe.ts';
import { kindOfOwner } from './server-words.ts';

const SHOWN_MODELS = 5;

/**
 * @throws NamedError `CheckpointMissing` for a model that the server does not have,
 *   `CheckpointUnsupported` for one that takes no images, or why nothing was answered
 */
export async function probeModel(
  server: ChatServer,
  modelId: string,
  signal: AbortSignal,
): Promise<ServedModel> {
  const models = await listedModels(server, signal);
  const model = models.find(({ id }) => id === modelId);
  const owner = (model ?? models[0])?.owned_by ?? '';
  // A list of downloads is no list of what is served; only a server of a known kind is taken by its word.
  if (!model && kindOfOwner(owner) !== 'other') {
    throw missing(server.address.host, modelId, models);
  }
  const probe = new ServerProbe(server, modelId, kindOfOwner(owner), signal);
  const capabilities = await probe.run();
  const { root } = model ?? {};
  const parts = [modelId, root === modelId ? null : root, probe.fingerprint];
  const revision = parts.filter((part) => part !== null && part !== undefined && part !== '');
  return { id: modelId, revision: revision.join(', '), capabilities };
}

function missing(host: string, modelId: string, models: readonly ModelBody[]): NamedError {
  const names = models.slice(0, SHOWN_MODELS).map(({ id }) => id);
  const has = names.length === 0 ? 'It names no model.' : `It has: ${names.join(', ')}.`;
  return new NamedError('CheckpointMissing', `${host} has no model ${modelId}. ${has}`);
}
