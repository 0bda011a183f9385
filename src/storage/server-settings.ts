/** The servers that a person added, by origin, with the keys that they asked to keep. */

import * as v from 'valibot';
import { serverAddress } from '../protocol/server.ts';
import { readStored, writeStored } from './stored-text.ts';

const settingsSchema = v.object({ origin: v.string(), key: v.nullable(v.string()) });

export interface ServerSettings {
  /** As `ServerAddress.origin`. */
  readonly origin: string;
  /** `null` where none is kept. */
  readonly key: string | null;
}

const KEY = 'supportlens-servers';

/** Those that can be read, in the order in which they were added. */
export function readServers(storage: Storage): readonly ServerSettings[] {
  const list = readStored(storage, KEY);
  if (!Array.isArray(list)) return [];
  return (list as unknown[]).flatMap((one) => {
    const parsed = v.safeParse(settingsSchema, one);
    const isOrigin =
      parsed.success && serverAddress(parsed.output.origin)?.origin === parsed.output.origin;
    return isOrigin ? [parsed.output] : [];
  });
}

/** `false` where the browser did not keep them. */
export const writeServers = (storage: Storage, list: readonly ServerSettings[]): boolean =>
  writeStored(storage, KEY, list.length === 0 ? null : list);
