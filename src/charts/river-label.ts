/** What stands on a band: as many lines of its words as fit, and of a folded run its length. Pure. */

import { textWidth, wrapText } from './fit-text.ts';
import { bandWords } from './river-selection.ts';
import type { BandShape } from './river-shapes.ts';

export const LABEL_SIZE = 11;
export const LABEL_LINE = 13;
const MOST_LINES = 3;
/** A word that is cut to fewer characters says nothing. */
const FEWEST = 6;
/** Left of the band's edge, left and right of the words. */
const MARGIN = 3;
const PADDING = 4;

export interface BandLabel {
  readonly lines: readonly string[];
  /** The plate under the words, px; inside the band. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** @returns `null` where there is no room for any of it */
export function bandLabel(band: BandShape): BandLabel | null {
  const most = Math.min(MOST_LINES, Math.floor((band.thickness - 3) / LABEL_LINE));
  if (most < 1 || (band.text === '' && band.parentId !== null)) return null;
  const room = band.flatWidth - 2 * (MARGIN + PADDING);
  const lines = linesOf(band, room, most);
  const [first] = lines;
  if (first === undefined) return null;
  if (lines.length === 1 && first.endsWith('…') && [...first].length < FEWEST) return null;
  const longest = Math.max(...lines.map((line) => [...line].length));
  const height = lines.length * LABEL_LINE + 2;
  return {
    lines,
    x: band.x + MARGIN,
    y: band.y + (band.thickness - height) / 2,
    width: textWidth('m'.repeat(longest), LABEL_SIZE, 'mono') + 2 * PADDING,
    height,
  };
}

/** A run that does not fit is folded: its beginning, and how many tokens it has. */
function linesOf(band: BandShape, room: number, most: number): readonly string[] {
  const words = bandWords(band) + (band.hidesForks ? ' …' : '');
  const lines = wrapText(words, room, most, LABEL_SIZE, 'mono');
  const isCut = lines.join(' ').length < words.length;
  const length = `${String(band.tokenCount)} tokens`;
  if (!isCut || most < 2 || band.tokenCount < 2) return lines;
  if (textWidth(length, LABEL_SIZE, 'mono') > room) return lines;
  return [...wrapText(words, room, most - 1, LABEL_SIZE, 'mono'), length];
}
