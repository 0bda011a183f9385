/** Where the recorded run of a first visit stood, for this tab: opened again, the page shows it again. */

const KEY = 'supportlens-recorded-address';

type Store = Pick<Storage, 'getItem' | 'setItem'>;

/** @param storage of the session; one that refuses keeps nothing */
export function keepRecordedAddress(storage: Store, hash: string): void {
  try {
    storage.setItem(KEY, hash);
  } catch {
    // Opened again, the page asks about the image instead.
  }
}

export function isRecordedAddress(storage: Store, hash: string): boolean {
  try {
    return hash !== '' && storage.getItem(KEY) === hash;
  } catch {
    return false;
  }
}
