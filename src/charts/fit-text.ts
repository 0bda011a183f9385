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

/**
 * As many lines as it takes, broken at blanks that are not `\u00a0`: nothing is left out, a word that
 * is longer than a line is broken.
 */
export function wrapAll(
  text: string,
  width: number,
  size: number,
  face: Face = 'sans',
): readonly string[] {
  const room = Math.max(1, Math.floor(width / (size * ADVANCE[face])));
  const lines: string[] = [];
  let line: readonly string[] = [];
  for (const word of text.split(/[ \t\n]+/u).filter((one) => one !== '')) {
    let rest = [...word];
    if (line.length > 0 && line.length + 1 + rest.length > room) {
      lines.push(line.join(''));
      line = [];
    }
    while (rest.length > room) {
      lines.push(rest.slice(0, room).join(''));
      rest = rest.slice(room);
    }
    line = line.length === 0 ? rest : [...line, ' ', ...rest];
  }
  return line.length === 0 ? lines : [...lines, line.join('')];
}
