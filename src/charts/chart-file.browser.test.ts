/** Charts as files, in a real browser with the page's own styles: what is saved, and that it is drawn. */

import { mount, unmount } from 'svelte';
import { afterEach, expect, test } from 'vitest';
import '../app.css';
import ChartBench from '../../test/support/ChartBench.svelte';
import { wilsonInterval } from '../core/intervals.ts';
import { chartPng, chartSvg, PNG_SCALE } from './chart-file.ts';

const TITLES = ['Answers', 'Pass@k'] as const;
const answers = [
  { key: 'A', label: 'basophil & <others>', correct: false },
  { key: 'B', label: 'eosinophil', correct: true },
];
const outcome = (answer: string, count: number, correct: boolean) => ({
  ...{ answer, label: answer, count, share: count / 16, correct, sampleIndexes: [] },
  interval: wilsonInterval(count, 16),
});
const NULLS = { kind: 'wrong-images', n: 16, counts: new Map([['B', 3]]) } as const;
const bars = (['sft', 'rl'] as const).map((stage) => ({
  ...{ id: stage, title: `tiny-${stage}`, stage, n: 16, nulls: [NULLS] },
  outcomes: [outcome('A', 5, false), outcome('B', 11, true)],
}));
const curves = bars.map(({ id, title, stage }) => ({
  ...{ id, title, stage },
  points: [1, 2, 4, 8, 16].map((k) => ({
    ...{ k, unbiased: 1 - 0.4 ** k, empirical: null, chance: 1 - 0.75 ** k },
  })),
}));

interface Saved {
  readonly name: string;
  readonly file: Blob;
}
let saved: Saved[] = [];
let bench: Record<string, unknown> | null = null;

async function open(theme: 'light' | 'dark'): Promise<void> {
  document.documentElement.dataset['theme'] = theme;
  const save = (name: string, file: Blob): void => {
    saved.push({ name, file });
  };
  bench = mount(ChartBench, { target: document.body, props: { bars, curves, answers, save } });
  await expect.poll(() => document.querySelectorAll('.chart-drawing svg').length).toBe(2);
}
afterEach(async () => {
  if (bench) await unmount(bench);
  [saved, bench] = [[], null];
});

const hostOf = (title: string): Element => {
  const host = [...document.querySelectorAll('figure')].find(
    // What the title means may stand behind it.
    (figure) => figure.querySelector('h3')?.textContent.trim().startsWith(title) === true,
  );
  const drawing = host?.querySelector('.chart-drawing');
  if (!drawing) throw new Error(`There is no chart ${title}.`);
  return drawing;
};

async function press(title: string, kind: 'svg' | 'png'): Promise<Saved> {
  const before = saved.length;
  hostOf(title).closest('figure')?.querySelector<HTMLElement>(`[data-kind="${kind}"]`)?.click();
  await expect.poll(() => saved.length, { timeout: 20_000 }).toBe(before + 1);
  const one = saved.at(-1);
  if (!one) throw new Error('Nothing was saved.');
  return one;
}

async function pixelsOf(file: Blob): Promise<ImageData> {
  const image = await createImageBitmap(file);
  const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
  if (!context) throw new Error('There is no canvas.');
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, image.width, image.height);
}

const colorsIn = ({ data }: ImageData): ReadonlySet<number> =>
  new Set(new Uint32Array(data.buffer));

for (const theme of ['light', 'dark'] as const) {
  test(`${theme}: the SVG stands on its own`, async () => {
    await open(theme);
    for (const title of TITLES) {
      const { name, file } = await press(title, 'svg');
      expect(name).toBe(`supportlens-bench-1-${title === 'Answers' ? 'answers' : 'pass-at-k'}.svg`);
      expect(file.type).toBe('image/svg+xml');
      const text = await file.text();
      const { documentElement: root } = new DOMParser().parseFromString(text, 'image/svg+xml');
      expect(root.localName, text.slice(0, 400)).toBe('svg');
      const bare = text.replace('xmlns="http://www.w3.org/2000/svg"', '');
      expect(bare).not.toMatch(/var\(|color-mix|oklch|light-dark|class=|https?:|data-|tabindex/);
      // All references are to parts of the file, or data.
      for (const [, target = ''] of bare.matchAll(/url\(([^)]{0,40})/g)) {
        expect(target).toMatch(/^(#|data:font\/woff2;base64,)/);
      }
      for (const id of [...bare.matchAll(/url\(#([^)]+)\)/g)].map(([, one]) => one ?? '')) {
        expect(root.querySelector(`[id="${id}"]`), id).not.toBeNull();
      }
      expect(root.querySelector('title')?.textContent).toBe(title);
      expect(root.querySelector('desc')?.textContent).toContain('Device: none, invented');
      const words = [...root.querySelectorAll('text')].map((one) => one.textContent).join(' ');
      expect(words).toContain('Supportlens 9.9.9');
      expect(words).toContain(title === 'Answers' ? 'basophil & <others>' : 'guessing');
      // The short facts are those of the page; the file has them in full.
      expect(words).not.toContain('n = 16');
      const ground = theme === 'light' ? /^#(f[0-9a-f]){3}$/ : /^#([01][0-9a-f]){3}$/;
      expect(root.querySelector('rect')?.getAttribute('fill')).toMatch(ground);
    }
  });
}

test('bars: hatches of wrong answers, the stages’ colours, the legend of the nulls', async () => {
  await open('light');
  const text = await (await press('Answers', 'svg')).file.text();
  const root = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
  expect(root.querySelectorAll('pattern')).toHaveLength(2);
  const bar = root.querySelector('rect[fill^="url(#"]');
  expect(bar?.getAttribute('stroke')).toMatch(/^#[0-9a-f]{6}$/);
  const strokes = new Set(
    [...root.querySelectorAll('rect[fill^="url(#"]')].map((one) => one.getAttribute('stroke')),
  );
  expect(strokes.size).toBe(2);
  expect(root.textContent).toContain('wrong images');
  // What only takes the pointer is not there.
  const page = hostOf('Answers').querySelectorAll('rect').length;
  const hits = hostOf('Answers').querySelectorAll('.hit').length;
  const ofSheet = 1;
  expect(root.querySelectorAll('rect')).toHaveLength(page - hits + ofSheet);
});

test('the PNG has twice the declared size, is drawn, and is in the page’s font', async () => {
  await open('light');
  for (const title of TITLES) {
    const { name, file } = await press(title, 'png');
    expect(name).toMatch(/\.png$/);
    const declared = await chartSvg(hostOf(title), { title, lines: ['x'], legend: [] });
    const pixels = await pixelsOf(file);
    expect(pixels.width).toBe(declared.width * PNG_SCALE);
    expect(colorsIn(pixels).size).toBeGreaterThan(30);
    const own = await pixelsOf(await chartPng(declared));
    expect([own.width, own.height]).toEqual([declared.width * 2, declared.height * 2]);
    // Without the embedded font the same words look otherwise, so that it is really used.
    const bare = declared.text.replace(/<style>.*<\/style>/, '');
    expect(bare.length).toBeLessThan(declared.text.length - 50_000);
    const other = await pixelsOf(await chartPng({ ...declared, text: bare }));
    let differing = 0;
    own.data.forEach((value, at) => (differing += value === other.data[at] ? 0 : 1));
    expect(differing).toBeGreaterThan(500);
  }
});

test('Escape closes the menu and does nothing else', async () => {
  await open('light');
  const control = hostOf('Answers').closest('figure')?.querySelector('details');
  const heard: string[] = [];
  const listen = ({ key }: KeyboardEvent): void => void heard.push(key);
  window.addEventListener('keydown', listen);
  control?.querySelector('summary')?.click();
  expect(control?.open).toBe(true);
  const escape = () => new KeyboardEvent('keydown', { key: 'Escape', bubbles: true });
  control?.querySelector('button')?.dispatchEvent(escape());
  await expect.poll(() => control?.open).toBe(false);
  expect([heard, document.activeElement?.localName]).toEqual([[], 'summary']);
  // Closed, it is heard: elsewhere Escape stops a run.
  control?.querySelector('summary')?.dispatchEvent(escape());
  expect(heard).toEqual(['Escape']);
  window.removeEventListener('keydown', listen);
});

test('a picture that cannot be drawn says so', async () => {
  const broken = { text: '<svg xmlns="http://www.w3.org/2000/svg"><g></svg>', width: 9, height: 9 };
  await expect(chartPng(broken)).rejects.toThrow();
});
