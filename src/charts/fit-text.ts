/** Text widths without the DOM: characters times a mean advance, rounded to the safe side. */

const ADVANCE = { sans: 0.56, mono: 0.605 } as const;

export type Face = keyof typeof ADVANCE;

export function textWidth(text: string, size: number, face: Face = 'sans'): number {
  return [...text].length * size * ADVANCE[face];
}

/**
 * The text if it fits, else its beginning with an ellipsis, else `''` when fewer than
 * `fewest` characters would remain.
 */
export function fitText(
  text: string,
  width: number,
  size: number,
  face: Face = 'sans',
  fewest = 6,
): string {
  if (textWidth(text, size, face) <= width) return text;
  const room = Math.floor(width / (size * ADVANCE[face])) - 1;
  if (room < fewest) return '';
  const cut = [...text].slice(0, room).join('');
  const word = cut.lastIndexOf(' ');
  return `${word > room * 0.6 ? cut.slice(0, word) : cut}…`.replace(/[\s,;:.·-]+…$/, '…');
}

/** At most `maxLines` lines at word borders, the last one shortened; `[]` when nothing fits. */
export function wrapText(
  text: string,
  width: number,
  maxLines: number,
  size: number,
  face: Face = 'sans',
): readonly string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest !== '' && lines.length < maxLines) {
    const room = Math.floor(width / (size * ADVANCE[face]));
    const border = [...rest].length <= room ? rest.length : rest.lastIndexOf(' ', room);
    if (lines.length === maxLines - 1 || border <= 0) {
      const last = fitText(rest, width, size, face, 3);
      return last === '' ? [] : [...lines, last];
    }
    lines.push(rest.slice(0, border).replace(/[\s,;:]+$/, ''));
    rest = rest.slice(border).trim();
  }
  return lines;
}
