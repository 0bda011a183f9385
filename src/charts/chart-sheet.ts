/**
 * A saved picture as the text of one SVG: title, legend, drawings one under the other, the caption
 * wrapped below. Pure: colours, fonts and the drawings' markup are given. Sizes in px.
 */
import { textWidth, wrapAll } from './fit-text.ts';

/** A finished picture: SVG markup that stands on its own, without styles of a page. */
export interface Drawing {
  readonly markup: string;
  readonly width: number;
  readonly height: number;
}

/** Colours of the page's theme, as `#rrggbb`. */
export interface Palette {
  readonly page: string;
  readonly surface: string;
  readonly ink: string;
  readonly inkSoft: string;
  readonly line: string;
  readonly lineStrong: string;
}

export interface LegendEntry {
  readonly name: string;
  /** SVG stroke-dasharray; `''` is solid. */
  readonly dash: string;
}

export interface Sheet {
  readonly title: string;
  readonly legend: readonly LegendEntry[];
  readonly drawings: readonly Drawing[];
  /** The caption, a paragraph each. */
  readonly lines: readonly string[];
  readonly palette: Palette;
  /** Of everything that names no font of its own, as in CSS. */
  readonly fontFamily: string;
  /** `@font-face` rules with their files inside; `''` without. */
  readonly fontFaces: string;
}

export interface SvgFile {
  readonly text: string;
  readonly width: number;
  readonly height: number;
}

const MARGIN = 16;
const TITLE_SIZE = 15;
const TITLE_LINE = 20;
const SMALL_SIZE = 11;
const SMALL_LINE = 15;
const GAP = 8;
/** `font-variant` of the whole sheet, as of the page: figures of one width. */
export const FIGURES = 'tabular-nums';
/** A caption narrower than this would be a column of single words. */
const LEAST_WIDTH = 360;
const LEGEND_STROKE = 20;

/** XML text: what has a meaning in markup is escaped, what XML does not allow is left out. */
export function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r -\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** One `<text>` per line. @param y baseline of the first */
export function textLines(
  lines: readonly string[],
  place: { readonly x: number; readonly y: number; readonly lineHeight: number },
  attributes: string,
): string {
  return lines
    .map(
      (line, at) =>
        `<text x="${String(place.x)}" y="${String(place.y + at * place.lineHeight)}" ${attributes}>${escapeXml(line)}</text>`,
    )
    .join('');
}

export function sheetSvg(sheet: Sheet): SvgFile {
  const { title, drawings, palette } = sheet;
  const inner = Math.ceil(Math.max(LEAST_WIDTH, ...drawings.map(({ width }) => width)));
  const width = inner + 2 * MARGIN;
  const parts: string[] = [];
  let y = MARGIN;

  const titles = wrapAll(title, inner, TITLE_SIZE);
  parts.push(
    textLines(
      titles,
      { x: MARGIN, y: y + 14, lineHeight: TITLE_LINE },
      `font-size="${String(TITLE_SIZE)}" font-weight="600" fill="${palette.ink}"`,
    ),
  );
  y += titles.length * TITLE_LINE + GAP;

  const legend = legendMarkup(sheet, inner, y);
  parts.push(legend.markup);
  y += legend.height;

  for (const { markup, height } of drawings) {
    parts.push(`<g transform="translate(${String(MARGIN)} ${String(y)})">${markup}</g>`);
    y += height + GAP;
  }

  const caption = sheet.lines.flatMap((line) => wrapAll(line, inner, SMALL_SIZE));
  parts.push(
    textLines(
      caption,
      { x: MARGIN, y: y + SMALL_SIZE, lineHeight: SMALL_LINE },
      `font-size="${String(SMALL_SIZE)}" fill="${palette.inkSoft}"`,
    ),
  );
  const height = Math.ceil(y + caption.length * SMALL_LINE + MARGIN);
  return { text: wholeText(sheet, parts.join('\n'), width, height), width, height };
}

function wholeText(sheet: Sheet, content: string, width: number, height: number): string {
  const size = `width="${String(width)}" height="${String(height)}"`;
  const style = sheet.fontFaces === '' ? '' : `<style>${sheet.fontFaces}</style>\n`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} viewBox="0 0 ${String(width)} ${String(height)}" role="img" aria-labelledby="title desc" font-family="${escapeXml(sheet.fontFamily)}" font-variant="${FIGURES}">
<title id="title">${escapeXml(sheet.title)}</title>
<desc id="desc">${escapeXml(sheet.lines.join('\n'))}</desc>
${style}<rect ${size} fill="${sheet.palette.page}"/>
${content}
</svg>
`;
}

/** Strokes with their names beside one another, in further rows where there is no room. */
function legendMarkup(
  { legend, palette }: Sheet,
  inner: number,
  top: number,
): { readonly markup: string; readonly height: number } {
  let x = 0;
  let row = 0;
  const entries = legend.map(({ name, dash }) => {
    const wide = LEGEND_STROKE + 5 + textWidth(name, SMALL_SIZE);
    if (x > 0 && x + wide > inner) [x, row] = [0, row + 1];
    const at = { x: MARGIN + x, y: top + row * SMALL_LINE + SMALL_SIZE };
    x += wide + 16;
    const dashes = dash === '' ? '' : ` stroke-dasharray="${dash}"`;
    return `<path d="M${String(at.x)} ${String(at.y - 4)}h${String(LEGEND_STROKE)}" fill="none" stroke="${palette.inkSoft}" stroke-width="1.5"${dashes}/>${textLines(
      [name],
      { x: at.x + LEGEND_STROKE + 5, y: at.y, lineHeight: SMALL_LINE },
      `font-size="${String(SMALL_SIZE)}" fill="${palette.inkSoft}"`,
    )}`;
  });
  return {
    markup: entries.join(''),
    height: legend.length === 0 ? 0 : (row + 1) * SMALL_LINE + GAP,
  };
}

/** Lower case, other signs as `-`, not longer than a file system likes. */
function slug(words: string): string {
  return words
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('@', ' at ')
    .replace(/[^a-z0-9]+/gu, '-')
    .slice(0, 60)
    .replace(/^-+|-+$/gu, '');
}

/** `supportlens-bloodmnist-test-12-pass-at-k.svg` */
export function chartFileName(name: string, title: string, ending: 'svg' | 'png'): string {
  const parts = ['supportlens', slug(name), slug(title)].filter((part) => part !== '');
  return `${parts.join('-')}.${ending}`;
}
