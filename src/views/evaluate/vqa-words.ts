/** What is said about an open VQA file. Pure. */

import { formatCount } from '../../ui/format-amount.ts';

/** `1 image`, `12 images`. */
export function countOf(count: number, what: string): string {
  return `${formatCount(count)} ${what}${count === 1 ? '' : 's'}`;
}

/** The first few names, and how many more there are. */
export function firstOf(names: readonly string[], most: number): string {
  const more = names.length - most;
  const shown = names.slice(0, most).join(', ');
  return more > 0 ? `${shown} and ${formatCount(more)} more` : shown;
}
