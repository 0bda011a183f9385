/** Which screen the address asks for. */

export const SCREENS = [
  { id: 'explore', title: 'Explore' },
  { id: 'evaluate', title: 'Evaluate' },
  { id: 'compare', title: 'Compare' },
  { id: 'recipe', title: 'Recipe' },
  { id: 'probe', title: 'Probe' },
  { id: 'models', title: 'Models' },
] as const;

export type ScreenId = (typeof SCREENS)[number]['id'];

/** The screen of an address; Explore for every other. */
export function screenOf(hash: string): ScreenId {
  const name = /^#\/([a-z]+)/.exec(hash)?.[1];
  return SCREENS.find(({ id }) => id === name)?.id ?? 'explore';
}

export class ScreenChoice {
  #current = $state<ScreenId>('explore');

  get current(): ScreenId {
    return this.#current;
  }

  follow(hash: string): void {
    this.#current = screenOf(hash);
  }
}
