/** Which hub is asked, and the token where a person asked to keep it. */

import * as v from 'valibot';
import { HUB_ENDPOINT } from '../protocol/hub.ts';
import { readStored, writeStored } from './stored-text.ts';

const settingsSchema = v.object({ endpoint: v.string(), token: v.nullable(v.string()) });

export type HubSettings = v.InferOutput<typeof settingsSchema>;

const KEY = 'supportlens-hub';
const USUAL: HubSettings = { endpoint: HUB_ENDPOINT, token: null };

/** The public hub without a token where nothing else is stored. */
export function readHubSettings(storage: Storage): HubSettings {
  const parsed = v.safeParse(settingsSchema, readStored(storage, KEY));
  return parsed.success && hubAddress(parsed.output.endpoint) === parsed.output.endpoint
    ? parsed.output
    : USUAL;
}

/** `false` where the browser did not keep them. */
export function writeHubSettings(storage: Storage, settings: HubSettings): boolean {
  const isUsual = settings.endpoint === USUAL.endpoint && settings.token === null;
  return writeStored(storage, KEY, isUsual ? null : settings);
}

/** The address of a hub as it is used, with a trailing slash; `null` for what is no address of one. */
export function hubAddress(typed: string): string | null {
  const text = typed.trim();
  if (!URL.canParse(text)) return null;
  const { protocol, username, password, origin, pathname } = new URL(text);
  const isOurs = ['http:', 'https:'].includes(protocol) && username === '' && password === '';
  return isOurs ? `${origin}${pathname.replace(/\/*$/, '/')}` : null;
}
