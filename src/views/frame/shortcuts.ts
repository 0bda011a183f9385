/** The keys of the page, as its list of shortcuts shows them. */

export interface Shortcut {
  /** Any of them; a name of a key each. */
  readonly keys: readonly string[];
  readonly does: string;
}

export interface ShortcutGroup {
  readonly title: string;
  readonly shortcuts: readonly Shortcut[];
}

const ARROWS = ['←', '→', '↑', '↓'];

export const SHORTCUTS: readonly ShortcutGroup[] = [
  {
    title: 'Everywhere',
    shortcuts: [
      { keys: ['?'], does: 'Show or hide this list' },
      { keys: ['Tab', 'Shift Tab'], does: 'To the next or the previous control' },
      { keys: ['Esc'], does: 'Close what is open' },
    ],
  },
  {
    title: 'Explore and Evaluate',
    shortcuts: [
      { keys: ['Ctrl ↵', '⌘ ↵'], does: 'Run' },
      { keys: ['Esc'], does: 'Stop sampling; what is finished stays' },
    ],
  },
  {
    title: 'In the gallery',
    shortcuts: [{ keys: ARROWS, does: 'Choose the image beside, above or below' }],
  },
  {
    title: 'In the answer river and the transfer map',
    shortcuts: [
      { keys: ARROWS, does: 'To the next band, answer or cell' },
      { keys: ['Home', 'End'], does: 'To the first or the last' },
      { keys: ['↵', 'Space'], does: 'Pin it; in the river this filters the samples' },
      { keys: ['Esc'], does: 'Let it go' },
    ],
  },
  {
    title: 'On a bar of the answers',
    shortcuts: [{ keys: ['↵', 'Space'], does: 'Show only the samples with this answer' }],
  },
];
