/**
 * Samples many images with the app's own engine and keeps the answers, one JSON line an item:
 *
 *   npm run sample-set -- --checkpoint tiny-sft --kind free-form --items gallery --k 16 --seed 7 \
 *     --mode think --out FILE.jsonl [--limit 100] [--t 1] [--p 1] [--topk 0] [--minp 0] [--max 96] \
 *     [--nulls]
 *
 * Drives the built page in Chromium as a reader would, by its address and its export, so there is no
 * second way to sample. Items that FILE holds already, of the same weights and settings, are
 * skipped: a run that was stopped goes on. Several checkpoints, separated by commas, give one line each.
 * With --nulls each line also has the answers of a second seed and of wrong images.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { KINDS, SAMPLER_DEFAULTS } from './asked.mjs';
import { chromiumArgs, findChromium } from './chromium.mjs';
import { addressOf, sampleItem } from './page-run.mjs';
import { keyOf, keysIn, lineOf, resultLine } from './sample-lines.mjs';
import { serve } from './server.mjs';
import { root } from './steps.mjs';

/** `hinted` needs a hint of its own for each image. */
const MODES = ['think', 'direct'];
const REPORT_EVERY = 10;

const DEFAULTS = {
  checkpoint: 'tiny-sft',
  kind: 'options',
  items: 'gallery',
  mode: 'think',
  ...SAMPLER_DEFAULTS,
};

/**
 * The first images of each set, as many of one as of another: inside a set the classes take turns.
 *
 * @param {{sets: {dataset: string, images: {index: number, label: number}[]}[]}} gallery
 * @param {number} limit @returns {import('./page-run.mjs').Item[]} in the order of the gallery
 */
export function itemsOf(gallery, limit) {
  const { sets } = gallery;
  const total = sets.reduce((sum, { images }) => sum + images.length, 0);
  const wanted = limit < total ? limit : Infinity;
  const share = Math.floor(wanted / sets.length);
  const left = wanted - share * sets.length;
  return sets.flatMap(({ dataset, images }, at) =>
    images
      .slice(0, share + (at < left ? 1 : 0))
      .map(({ index, label }) => ({ dataset, index, label })),
  );
}

function readCommand() {
  const options = {
    ...Object.fromEntries(
      [...Object.keys(DEFAULTS), 'out', 'limit'].map((name) => [name, { type: 'string' }]),
    ),
    nulls: { type: 'boolean' },
  };
  const values = { ...DEFAULTS, ...parseArgs({ options }).values };
  const number = (name) => {
    const value = Number(values[name]);
    if (values[name].trim() === '' || !Number.isFinite(value)) {
      throw new Error(`--${name} is a number.`);
    }
    return value;
  };
  if (!values.out) throw new Error('--out names the file of the results.');
  if (values.items !== 'gallery') throw new Error('--items knows only: gallery.');
  if (!KINDS.includes(values.kind)) throw new Error(`--kind is one of ${KINDS.join(', ')}.`);
  if (!MODES.includes(values.mode)) throw new Error(`--mode is one of ${MODES.join(', ')}.`);
  const sampler = {
    k: number('k'),
    temperature: number('t'),
    topP: number('p'),
    topK: number('topk'),
    minP: number('minp'),
    maxNewTokens: number('max'),
    seed: number('seed'),
  };
  const checkpoints = values.checkpoint.split(',');
  const limit = values.limit === undefined ? Infinity : number('limit');
  if (values.limit !== undefined && !(Number.isInteger(limit) && limit >= 1)) {
    throw new Error('--limit is a whole number of at least 1.');
  }
  return {
    plan: {
      checkpoints,
      kind: values.kind,
      mode: values.mode,
      sampler,
      nulls: values.nulls ?? false,
    },
    out: values.out,
    limit,
  };
}

const readJson = (path) => {
  if (!existsSync(path)) throw new Error(`${path} is missing. Run npm run build first.`);
  return JSON.parse(readFileSync(path, 'utf8'));
};

/** Samples the items and appends their lines to `out` one by one. */
async function sampleSet({ plan, out, limit }) {
  const gallery = readJson(`${root}dist/samples/gallery.json`);
  const { version: promptVersion } = readJson(`${root}src/data/prompts.json`);
  const revisions = new Map(
    plan.checkpoints.map((id) => [id, readJson(`${root}dist/models/${id}/manifest.json`).revision]),
  );
  const done = keysIn(out);
  const missingOf = ({ dataset, index }) =>
    plan.checkpoints.filter((checkpoint) => {
      const revision = revisions.get(checkpoint);
      const { kind, mode, sampler, nulls } = plan;
      const settings = { kind, mode, promptVersion, sampler, nulls };
      const asked = { dataset, index, checkpoint, revision, ...settings };
      return !done.has(keyOf(asked));
    });
  const all = itemsOf(gallery, limit);
  const items = all.filter((item) => missingOf(item).length > 0);
  console.log(`${all.length} items, ${all.length - items.length} of them in ${out} already.`);
  if (items.length === 0) return;

  const server = await serve(`${root}dist`);
  const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArgs });
  try {
    const page = await browser.newPage({ serviceWorkers: 'block' });
    await page.goto(`${server.url}${addressOf(items[0], plan)}`);
    await page.locator('[data-testid=run]:enabled').waitFor();
    const startedAt = performance.now();
    let samplingMs = 0;
    for (const [at, item] of items.entries()) {
      const lines = await sampleItem(page, item, plan);
      for (const checkpoint of missingOf(item)) {
        const line = lineOf(lines, checkpoint, item, plan, revisions.get(checkpoint));
        appendFileSync(out, `${JSON.stringify(resultLine(line, item, plan.kind))}\n`);
      }
      samplingMs += lines.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0);
      const count = at + 1;
      if (count % REPORT_EVERY === 0 || count === items.length) {
        const each = (ms) => (ms / count / 1000).toFixed(2);
        console.log(
          `${count} of ${items.length}: ${each(performance.now() - startedAt)} s an item, ${each(samplingMs)} s of it sampling`,
        );
      }
    }
  } finally {
    await browser.close();
    await server.close();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await sampleSet(readCommand());
  } catch (thrown) {
    console.error(thrown instanceof Error ? thrown.message : thrown);
    process.exitCode = 1;
  }
}
