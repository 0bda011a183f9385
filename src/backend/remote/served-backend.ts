/** The backend of a checkpoint that servers answer for, from what is stored of it. */

import { NamedError } from '../../protocol/errors.ts';
import { serverAddress, type ServerAddress } from '../../protocol/server.ts';
import type { AnswerBackend, CheckpointRow } from '../answer-backend.ts';
import type { OriginGate } from './origin-gate.ts';
import { RemoteBackend, USUAL_SETTINGS } from './remote-backend.ts';

export interface ServedOrigin {
  /** Addresses, as `ServerAddress.baseUrl`. */
  readonly servers: readonly string[];
  /** The model's name in requests. */
  readonly model: string;
  readonly concurrency: number | 'auto';
}

/** @throws NamedError `CheckpointInvalid` where no address is one */
export function servedBackend(
  row: CheckpointRow,
  { servers, model, concurrency }: ServedOrigin,
  gate: OriginGate,
): AnswerBackend {
  const addresses: readonly ServerAddress[] = servers.flatMap(
    (server) => serverAddress(server) ?? [],
  );
  if (addresses.length === 0) {
    throw new NamedError('CheckpointInvalid', `${row.id} has no server: add it again.`);
  }
  return new RemoteBackend(row, model, addresses, gate, { ...USUAL_SETTINGS, concurrency });
}
