/**
 * A run over sets without looking at it, by the page itself in a headless Chromium:
 *
 *   npm run evaluate -- --checkpoint tiny-base,tiny-sft,tiny-rl --data bloodmnist,pathmnist \
 *     --k 16 --out run.jsonl [--items 100] [--kind options] [--mode think] [--hint TEXT] [--t 1] \
 *     [--p 1] [--topk 0] [--minp 0] [--max 96] [--seed 7] [--no-nulls] [--name NAME] \
 *     [--server URL[,URL…] --model NAME[,NAME…] [--key-env VAR] [--concurrency auto|N]] \
 *     [--device wasm|webgpu|auto] [--shard 3/16] [--parquet FILE] [--figures-csv FILE] [--items-csv FILE]
 *
 * `--data` takes sets that ship with the page, MedMNIST files (`file.npz`, `file.npz:val`) and one
 * medical VQA file (`set.jsonl`, with `--images FOLDER`). What is finished is kept beside the file in
 * `run.jsonl.part`, the browser's profile: the same command goes on, whatever ended the last one. `--shard 3/16` asks
 * the third of sixteen parts of the plan: `npm run merge` makes one file of them.
 *
 * `--server` names a server (or replicas of one) that speaks OpenAI's chat completions, in place of `--checkpoint` or beside
 * it; its key is taken from an environment variable, and is written nowhere.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { openApp } from './evaluate/browser.mjs';
import { readCommand } from './evaluate/command.mjs';
import { addServers } from './evaluate/servers.mjs';
import { complaint, fillIn, resumeRun, saveExport, startRun, statusOf } from './evaluate/page.mjs';
import { root } from './steps.mjs';

const LOOK_EVERY_MS = 500;
const REPORT_EVERY_MS = 15_000;

async function main() {
  const command = readCommand(process.argv.slice(2));
  const { plan, out, key } = command;
  if (existsSync(out)) throw new Error(`${out} is there already.`);
  if (!existsSync(`${root}dist/index.html`)) throw new Error('Run npm run build first.');
  const part = `${out}.part`;
  keepPlan(part, plan);
  const app = await openApp(`${part}/profile`, plan);
  try {
    await run(app, plan, key);
    for (const [what, path] of [
      ['jsonl', out],
      ['parquet', command.parquet],
      ['figures', command.figuresCsv],
      ['items', command.itemsCsv],
    ]) {
      if (path === null) continue;
      await saveExport(app.page, what, path);
      console.log(`${path} is written.`);
    }
  } finally {
    await app.close();
  }
  rmSync(part, { recursive: true, force: true });
}

/** What is kept must be of the same plan: other answers in one file would be no run. */
function keepPlan(part, plan) {
  const file = `${part}/plan.json`;
  const text = JSON.stringify(plan, null, 2);
  if (existsSync(file) && readFileSync(file, 'utf8') !== text) {
    throw new Error(
      `${part} is of another command (its plan.json): delete it, or choose another --out.`,
    );
  }
  mkdirSync(part, { recursive: true });
  writeFileSync(file, text);
}

/** Starts the run, or goes on with the one that the profile has, until every record is there. */
async function run({ page, url }, plan, key) {
  const { servers, checkpoints } = plan;
  const served = servers ? await addServers(page, url, servers, key) : [];
  const shard = plan.shard === undefined ? '' : `&shard=${plan.shard}`;
  await page.goto(`${url}#/evaluate?device=${plan.device}${shard}`);
  if (!(await resumeRun(page, url, plan.device))) {
    await fillIn(page, { ...plan, checkpoints: [...checkpoints, ...served] });
    await startRun(page);
  }
  await watch(page);
}

async function watch(page) {
  let reportedAt = -Infinity;
  for (;;) {
    const { state, done, total, words } = await statusOf(page);
    if (performance.now() - reportedAt >= REPORT_EVERY_MS || state === 'done') {
      reportedAt = performance.now();
      console.log(`${done} of ${total} records. ${words}`);
    }
    if (state === 'done') return;
    if (state === 'error') throw new Error(await complaint(page));
    await wait(LOOK_EVERY_MS);
  }
}

try {
  await main();
} catch (thrown) {
  console.error(thrown instanceof Error ? thrown.message : thrown);
  process.exitCode = 1;
}
