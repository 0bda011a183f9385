/** The chosen theme, remembered where the browser lets us. */

export type StoredTheme = 'auto' | 'light' | 'dark';

const KEY = 'supportlens-theme';
const THEMES: readonly StoredTheme[] = ['auto', 'light', 'dark'];

export function readTheme(storage: Storage): StoredTheme {
  try {
    return THEMES.find((theme) => theme === storage.getItem(KEY)) ?? 'auto';
  } catch {
    return 'auto';
  }
}

/** Without access to storage the choice lasts as long as the page. */
export function writeTheme(storage: Storage, theme: StoredTheme): void {
  try {
    storage.setItem(KEY, theme);
  } catch {
    // Nothing to do: the theme is set on the page already.
  }
}
