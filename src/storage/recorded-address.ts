/** Where the recorded run of a first visit stood, for this tab: opened again, the page shows it again. */

import { readStored, writeStored } from './stored-text.ts';

const KEY = 'supportlens-recorded-address';

/** @param storage of the session; one that refuses keeps nothing: opened again, the page asks about the image */
export function keepRecordedAddress(storage: Storage, hash: string): void {
  writeStored(storage, KEY, hash);
}

export function isRecordedAddress(storage: Storage, hash: string): boolean {
  return hash !== '' && readStored(storage, KEY) === hash;
}
