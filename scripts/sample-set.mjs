/**
 * Samples many images with the app's own engine and keeps the answers, one JSON line an item:
 *
 *   npm run sample-set -- --checkpoint tiny-sft --kind free-form --items gallery --k 16 --seed 7 \
 *     --mode think --out FILE.jsonl [--limit 100] [--t 1] [--p 1] [--topk 0] [--minp 0] [--max 96]
 *
 * Drives the built page in Chromium as a reader would, by its address and its export, so there is no
 * second way to sample. Items that FILE holds already, of the same weights and settings, are
 * skipped: a run that was stopped goes on. Several checkpoints, separated by commas, give one line each.
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { text as readAll } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { chromiumArgs, findChromium } from './chromium.mjs';
import { serve } from './server.mjs';
import { root } from './steps.mjs';

const KINDS = ['options', 'yes-no', 'not', 'free-form'];
/** `hinted` needs a hint of its own for each image. */
const MODES = ['think', 'direct'];
/** An address that the page refuses begins no run. */
const BEGIN_TIMEOUT_MS = 60_000;
const RUN_TIMEOUT_MS = 300_000;
const REPORT_EVERY = 10;

const DEFAULTS = {
  checkpoint: 'tiny-sft',
  kind: 'options',
  items: 'gallery',
  mode: 'think',
  k: '16',
  t: '1',
  p: '1',
  topk: '0',
  minp: '0',
  max: '96',
  seed: '7',
};

/**
 * @typedef {{dataset: string, index: number, label: number}} Item an image of the gallery
 * @typedef {{k: number, temperature: number, topP: number, topK: number, minP: number,
 *   maxNewTokens: number, seed: number}} Sampler
 * @typedef {{checkpoints: string[], kind: string, mode: string, sampler: Sampler}} Plan
 */

/**
 * The first images of each set, as many of one as of another: inside a set the classes take turns.
 *
 * @param {{sets: {dataset: string, images: {index: number, label: number}[]}[]}} gallery
 * @param {number} limit @returns {Item[]} in the order of the gallery
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

/** @param {Item} item @param {Plan} plan @returns {string} the address, every knob written out */
export function addressOf({ dataset, index }, { checkpoints, kind, mode, sampler }) {
  const query = new URLSearchParams({
    dataset,
    index: String(index),
    checkpoint: checkpoints.join(','),
    k: String(sampler.k),
    t: String(sampler.temperature),
    p: String(sampler.topP),
    topk: String(sampler.topK),
    minp: String(sampler.minP),
    max: String(sampler.maxNewTokens),
    seed: String(sampler.seed),
    mode,
    kind,
    device: 'wasm',
  });
  return `#/explore?${query.toString()}`;
}

const sampleLine = ({ text, answer, correct, logProbs }) => ({
  text,
  answer,
  correct,
  logProb: logProbs.reduce((sum, value) => sum + value, 0),
});

/** A line of the page's export without what is long: tokens and pixels. */
export function resultLine(line, { label }, kind) {
  const { answerer, image, question, promptMode, promptVersion, sampler, greedy, samples } = line;
  const { text, answer, correct } = greedy;
  return {
    dataset: image.dataset,
    index: image.index,
    label,
    checkpoint: answerer.checkpointId,
    revision: answerer.revision,
    dtype: answerer.dtype,
    device: answerer.device,
    kind,
    question,
    mode: promptMode,
    promptVersion,
    sampler,
    greedy: { text, answer, correct },
    samples: samples.map(sampleLine),
  };
}

/** What makes two lines the same measurement. */
function keyOf({ dataset, index, checkpoint, revision, kind, mode, promptVersion, sampler }) {
  const knobs = Object.keys(sampler)
    .sort()
    .map((name) => sampler[name]);
  return JSON.stringify([
    dataset,
    index,
    checkpoint,
    revision,
    kind,
    mode,
    promptVersion,
    ...knobs,
  ]);
}

/** Keys of the lines in a file; a last line that was cut off is taken out of it. */
function keysIn(file) {
  if (!existsSync(file)) return new Set();
  const text = readFileSync(file, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) writeFileSync(file, whole);
  return new Set(
    whole
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => keyOf(JSON.parse(line))),
  );
}

/** Follows an address and resolves with the state in which its run ended. */
function runInPage([hash, beginTimeoutMs, runTimeoutMs]) {
  return new Promise((resolve) => {
    let begun = false;
    const timers = [
      setTimeout(() => begun || end('not begun'), beginTimeoutMs),
      setTimeout(() => end('not finished in time'), runTimeoutMs),
    ];
    const end = (state) => {
      timers.forEach(clearTimeout);
      observer.disconnect();
      resolve(state);
    };
    const observer = new MutationObserver(() => {
      const state = document.querySelector('[data-testid=status]')?.dataset.state;
      begun ||= state === 'loading' || state === 'running';
      if (begun && ['done', 'stopped', 'error'].includes(state)) end(state);
    });
    observer.observe(document.body, {
      subtree: true,
      attributes: true,
      attributeFilter: ['data-state'],
    });
    location.hash = hash;
  });
}

/** Runs one item in the page; the item lines of its export. */
async function sampleItem(page, item, plan) {
  const address = `${addressOf(item, plan)}&run=1`;
  const state = await page.evaluate(runInPage, [address, BEGIN_TIMEOUT_MS, RUN_TIMEOUT_MS]);
  if (state !== 'done') {
    const said = await page.locator('[role=alert], [role=status]').allInnerTexts();
    throw new Error([`${item.dataset}/${item.index}: the run is ${state}.`, ...said].join('\n'));
  }
  const download = page.waitForEvent('download');
  await page.getByTestId('export-jsonl').click();
  const file = await readAll(await (await download).createReadStream());
  return file
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ type }) => type === 'item');
}

/** The line of one checkpoint, which has to be about the image and the weights asked for. */
function lineOf(lines, checkpoint, item, plan, revision) {
  const line = lines.find(({ answerer }) => answerer.checkpointId === checkpoint);
  const where = `${item.dataset}/${item.index}`;
  if (!line) throw new Error(`${where}: the page did not sample ${checkpoint}.`);
  const { image, answerer, sampler, samples } = line;
  if (image.dataset !== item.dataset || image.index !== item.index || image.split !== 'test') {
    throw new Error(`${where}: the page sampled ${image.dataset}/${image.split}/${image.index}.`);
  }
  if (answerer.revision !== revision) {
    throw new Error(`${where}: ${checkpoint} is revision ${answerer.revision}, not ${revision}.`);
  }
  for (const [knob, value] of Object.entries(plan.sampler)) {
    if (sampler[knob] !== value) throw new Error(`${where}: the page set ${knob} otherwise.`);
  }
  if (samples.length !== plan.sampler.k) throw new Error(`${where}: ${samples.length} samples.`);
  return line;
}

function readCommand() {
  const options = Object.fromEntries(
    [...Object.keys(DEFAULTS), 'out', 'limit'].map((name) => [name, { type: 'string' }]),
  );
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
    plan: { checkpoints, kind: values.kind, mode: values.mode, sampler },
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
      const { kind, mode, sampler } = plan;
      const asked = { dataset, index, checkpoint, revision, kind, mode, promptVersion, sampler };
      return !done.has(keyOf(asked));
    });
  const all = itemsOf(gallery, limit);
  const items = all.filter((item) => missingOf(item).length > 0);
  console.log(`${all.length} items, ${all.length - items.length} of them in ${out} already.`);
  if (items.length === 0) return;

  const server = await serve(`${root}dist`);
  const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArgs });
  try {
    const page = await browser.newPage();
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
