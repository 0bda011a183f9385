import { describe, expect, test } from 'vitest';
import { chartFileName, escapeXml, sheetSvg, type Sheet } from './chart-sheet.ts';
import { textWidth, wrapAll } from './fit-text.ts';

const SHEET: Sheet = {
  title: 'Pass@k & more',
  legend: [],
  drawings: [{ markup: '<path d="M0 0h9"/>', width: 420.4, height: 200 }],
  lines: ['n = 16', 'Teaching and research only'],
  palette: {
    ...{ page: '#ffffff', surface: '#fefefe', ink: '#111111' },
    ...{ inkSoft: '#555555', line: '#cccccc', lineStrong: '#888888' },
  },
  fontFamily: "'Inter Variable', sans-serif",
  fontFaces: '',
};

describe('wrapAll', () => {
  const caption =
    'Sampler: K = 16, T 0.7, top-p 0.9; Pneumonoultramicroscopicsilicovolcanoconiosis-of-a-file.png 𝒳 end';

  test.each([40, 90, 300])('at %i px no line is too long and nothing is lost', (width) => {
    const lines = wrapAll(caption, width, 11);
    for (const line of lines) expect(textWidth(line, 11)).toBeLessThanOrEqual(width);
    const bare = (text: string): string => text.replaceAll(' ', '');
    expect(bare(lines.join(''))).toBe(bare(caption));
  });

  test('words stay whole where they fit', () => {
    expect(wrapAll('one two  three', 7 * 11 * 0.56 + 1, 11)).toEqual(['one two', 'three']);
    expect(wrapAll('one\u00a0· two', 5 * 11 * 0.56 + 1, 11)).toEqual(['one\u00a0·', 'two']);
    expect(wrapAll(' ', 100, 11)).toEqual([]);
  });
});

test('XML has no sign that means something else, and none that XML forbids', () => {
  expect(escapeXml('a<b & "c">\u0000\u000b\ud800 😀\ufffe')).toBe(
    'a&lt;b &amp; &quot;c&quot;&gt; 😀',
  );
});

describe('the sheet', () => {
  test('has room for title, drawings and caption, and says its size', () => {
    const { text, width, height } = sheetSvg(SHEET);
    expect(width).toBe(421 + 32);
    // Margins, title, drawing, two lines.
    expect(height).toBe(16 + 28 + 208 + 30 + 16);
    expect(text).toContain(`width="${String(width)}" height="${String(height)}"`);
    expect(text).toContain('<title id="title">Pass@k &amp; more</title>');
    expect(text).toContain('<desc id="desc">n = 16\nTeaching and research only</desc>');
    expect(text).toContain('<g transform="translate(16 44)"><path d="M0 0h9"/></g>');
  });

  test('puts drawings and legend one under the other', () => {
    const one = sheetSvg(SHEET);
    const [drawing] = SHEET.drawings;
    if (!drawing) throw new Error('There is a drawing.');
    const two = sheetSvg({ ...SHEET, drawings: [drawing, drawing] });
    expect(two.height - one.height).toBe(208);
    const legend = [
      { name: 'second seed', dash: '' },
      { name: 'wrong images', dash: '5 2' },
    ];
    const third = sheetSvg({ ...SHEET, legend });
    expect(third.height - one.height).toBe(23);
    expect(third.text).toContain('stroke-dasharray="5 2"');
    expect(third.text).toContain('>wrong images</text>');
  });

  test('a small drawing leaves the caption its width', () => {
    expect(sheetSvg({ ...SHEET, drawings: [] }).width).toBe(360 + 32);
  });
});

test('a file’s name says what it is of and which chart', () => {
  expect(chartFileName('bloodmnist/test/12', 'Pass@k', 'svg')).toBe(
    'supportlens-bloodmnist-test-12-pass-at-k.svg',
  );
  expect(chartFileName('Übung 1: “a”', 'Answers at T = 0.7', 'png')).toBe(
    'supportlens-ubung-1-a-answers-at-t-0-7.png',
  );
  expect(chartFileName('試験', 'Answers', 'png')).toBe('supportlens-answers.png');
});
