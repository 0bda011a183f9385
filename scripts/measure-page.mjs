/**
 * What the page costs whoever opens it, asked of Chromium, as Markdown:
 *
 *   npm run build && npm run measure-page -- [--repeats 3] [--json]
 *
 * Medians over repeats, each in a browser that has seen nothing. Nothing is slowed down or sped up: the
 * build is served with brotli from localhost. `docs/measurements/page.md` keeps the numbers.
 */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { chromiumArgs, findChromium } from './chromium.mjs';
import { measureVisit } from './measure-page/visit.mjs';
import { measureRun } from './measure-page/run.mjs';
import { serve } from './server.mjs';
import { root } from './steps.mjs';

const { values } = parseArgs({
  options: {
    repeats: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});
const repeats = Number(values.repeats);
if (!Number.isInteger(repeats) || repeats < 1)
  throw new Error('--repeats is a whole number from 1.');

/** @type {Record<string, [label: string, unit: string, digits: number]>} in the order of the table */
const ROWS = {
  firstPaintMs: ['first paint', 'ms', 0],
  firstContentfulPaintMs: ['first contentful paint', 'ms', 0],
  largestContentfulPaintMs: ['largest contentful paint', 'ms', 0],
  visitCls: ['cumulative layout shift of a first visit', '', 4],
  visitShift: ['all its shifts together', '', 4],
  firstScriptBytes: ['initial script (entry and preloaded chunks), as sent', 'bytes', 0],
  firstStyleBytes: ['initial style, as sent', 'bytes', 0],
  runMs: ['interaction delay: Run', 'ms', 0],
  sliderMs: ['interaction delay: a step of the temperature slider beside the result', 'ms', 0],
  hoverMs: ['delay from a pointer over a band of the river to the next picture', 'ms', 0],
  runCls: ['cumulative layout shift, K = 16 on three checkpoints, from Run to done', '', 4],
  runShift: ['all shifts of that together', '', 4],
  secondRunCls: ['cumulative layout shift of the next run, with another seed', '', 4],
  secondRunShift: ['all shifts of that together', '', 4],
};

const median = (numbers) => {
  const sorted = numbers.filter((one) => one !== null).sort((a, b) => a - b);
  return sorted.length === 0 ? null : sorted[Math.floor((sorted.length - 1) / 2)];
};
const said = (value, digits) => (value === null ? 'not measured' : value.toFixed(digits));

const loadBefore = loadavg()[0];
const server = await serve(`${root}dist`);
const measured = [];
let version = '';
try {
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArgs });
    version = browser.version();
    try {
      const visit = await measureVisit(browser, server.url);
      const run = await measureRun(browser, server.url);
      measured.push({ ...visit, ...run, shifts: [...visit.shifts, ...run.shifts] });
    } finally {
      await browser.close();
    }
    console.error(`repeat ${repeat + 1} of ${repeats}`);
  }
} finally {
  await server.close();
}

const rows = Object.entries(ROWS).map(([key, [label, unit, digits]]) => {
  const all = measured.map((one) => one[key]);
  const cells = [median(all), ...all].map((value) => said(value, digits));
  return { key, label, unit, median: median(all), all, cells };
});
const sources = measured.at(-1).shifts;
if (values.json) {
  console.log(JSON.stringify({ version, loadBefore, rows, sources }, null, 2));
} else {
  console.log(
    [
      `Chromium ${version}, ${cpus().length} × ${cpus()[0].model}, load ${loadBefore.toFixed(1)} to ${loadavg()[0].toFixed(1)}`,
      '',
      `| what | unit | median | ${measured.map((_, at) => at + 1).join(' | ')} |`,
      `| --- | --- | --- | ${measured.map(() => '---').join(' | ')} |`,
      ...rows.map(({ label, unit, cells }) => `| ${label} | ${unit} | ${cells.join(' | ')} |`),
      '',
      'Layout shifts of the last repeat, and what moved:',
      '',
      ...sources.map(({ during, value, nodes }) => `- ${during}: ${value.toFixed(4)}, ${nodes}`),
    ].join('\n'),
  );
}
