/**
 * What K answers cost, in Chromium, beside what they cost with transformers.js' `generate()`:
 *
 *   npm run bench -- [--quick] [--json] [--k 1,16,64,256,1024] [--modes think,direct] [--items 4]
 *     [--methods each,batched,flat,tree] [--repeats 5] [--devices wasm,webgpu] [--swiftshader]
 *     [--each-limit 64] [--batched-limit 256] [--no-memory] [--t 1] [--max 64]
 *     [--checkpoint tiny-sft]
 *
 * Methods take turns within each repeat, on the same items, in one worker and runtime, so
 * that ratios of one run can be trusted where its milliseconds cannot. `each` and `batched` above
 * their limits are computed from what they took at a smaller K, and marked so. WebGPU is measured
 * where the browser has a graphics adapter; SwiftShader is a CPU and only runs when asked for.
 */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { peakMemory } from './bench/memory.mjs';
import { openBench, serveBench } from './bench/open.mjs';
import { summarize, tableOf } from './bench/report.mjs';

const METHODS = ['each', 'batched', 'flat', 'tree'];
const MODES = ['think', 'direct'];

const FULL = { k: '1,16,64,256,1024', items: '4', repeats: '5', 'each-limit': '64' };
const QUICK = { k: '1,16,64', items: '2', repeats: '1', 'each-limit': '16' };
const DEFAULTS = {
  modes: MODES.join(),
  methods: METHODS.join(),
  devices: 'wasm,webgpu',
  checkpoint: 'tiny-sft',
  'batched-limit': '256',
  t: '1',
  max: '64',
};
const SWITCHES = ['quick', 'json', 'swiftshader', 'no-memory'];

function readCommand() {
  const names = [...Object.keys(FULL), ...Object.keys(DEFAULTS)];
  const options = Object.fromEntries([
    ...names.map((name) => [name, { type: 'string' }]),
    ...SWITCHES.map((name) => [name, { type: 'boolean', default: false }]),
  ]);
  const { values: given } = parseArgs({ options });
  const values = { ...DEFAULTS, ...(given.quick ? QUICK : FULL), ...given };
  const list = (name, allowed) => {
    const words = values[name].split(',');
    const wrong = words.find((word) => !allowed.includes(word));
    if (wrong !== undefined)
      throw new Error(`--${name} knows ${allowed.join(', ')}; not ${wrong}.`);
    return words;
  };
  const count = (name, text = values[name]) => {
    if (!/^[1-9]\d*$/.test(text)) throw new Error(`--${name} takes whole numbers above 0.`);
    return Number(text);
  };
  return {
    ks: values.k.split(',').map((text) => count('k', text)),
    modes: list('modes', MODES),
    methods: list('methods', METHODS),
    devices: list('devices', ['wasm', 'webgpu']),
    checkpoint: values.checkpoint,
    items: count('items'),
    repeats: count('repeats'),
    limits: { each: count('each-limit'), batched: count('batched-limit') },
    temperature: Number(values.t),
    maxNewTokens: count('max'),
    json: given.json,
    swiftshader: given.swiftshader,
    memory: !given['no-memory'],
    memoryKs: given.quick ? [64] : values.k.split(',').map(Number),
  };
}

/** Every measurement of one repeat, methods turned so that none is always the first. */
function* tasksOf(plan, repeat) {
  let turn = repeat;
  for (const mode of plan.modes) {
    for (const k of plan.ks) {
      for (let item = 0; item < plan.items; item += 1) {
        turn += 1;
        const { temperature, maxNewTokens, methods } = plan;
        const common = { item, mode, k, temperature, maxNewTokens, seed: 1000 * repeat + item };
        for (let at = 0; at < methods.length; at += 1) {
          const method = methods[(at + turn) % methods.length];
          if (k <= (plan.limits[method] ?? Infinity)) yield { method, ...common };
        }
      }
    }
  }
}

/** Each measurement gets a variant of the image of its own: nothing of it is cached. */
let imageVariant = 0;

const measure = (page, task) => page.evaluate((asked) => window.bench.measure(asked), task);

/** One task, and for our methods the same again with the prefill cached and another seed. */
async function measureTask(page, task) {
  imageVariant += 1;
  const first = { ...task, imageVariant };
  const measured = [{ ...task, cached: false, ...(await measure(page, first)) }];
  if (task.method === 'each' || task.method === 'batched') return measured;
  const again = await measure(page, { ...first, seed: task.seed + 500 });
  const floorMs =
    task.method === 'tree'
      ? await page.evaluate((runs) => window.bench.replay(runs), again.meter.decoderRuns)
      : null;
  return [...measured, { ...task, cached: true, ...again, floorMs }];
}

async function measureDevice(url, plan, device) {
  const opened = await openBench(url, plan, device);
  if (opened === null) return { device, skipped: 'no graphics adapter', measurements: [] };
  const { browser, page, loaded } = opened;
  const measurements = [];
  try {
    const itemCount = await page.evaluate(() => window.bench.itemNames().length);
    if (plan.items > itemCount) throw new Error(`--items is at most ${itemCount}.`);
    for (const task of tasksOf({ ...plan, ks: [2], items: 1 }, 0)) await measureTask(page, task);
    for (let repeat = 0; repeat < plan.repeats; repeat += 1) {
      for (const task of tasksOf(plan, repeat)) {
        const measured = await measureTask(page, task);
        measurements.push(...measured.map((one) => ({ ...one, repeat })));
      }
      console.error(`${device}: repeat ${repeat + 1} of ${plan.repeats}`);
    }
  } finally {
    await browser.close();
  }
  return { device, loaded, measurements };
}

async function main() {
  const plan = readCommand();
  const startedAt = new Date();
  const loadBefore = loadavg()[0];
  const server = await serveBench(plan.checkpoint);
  try {
    const devices = [];
    for (const device of plan.devices) {
      const measured = await measureDevice(server.url, plan, device);
      const memory =
        plan.memory && !measured.skipped ? await peakMemory(server.url, plan, device) : [];
      devices.push({ ...measured, memory });
    }
    const [cpu] = cpus();
    const report = {
      date: startedAt.toISOString(),
      machine: { cores: cpus().length, cpu: cpu.model, loadBefore, loadAfter: loadavg()[0] },
      checkpoint: plan.checkpoint,
      temperature: plan.temperature,
      maxNewTokens: plan.maxNewTokens,
      items: plan.items,
      repeats: plan.repeats,
      devices: devices.map((measured) => summarize(measured, plan)),
    };
    console.log(plan.json ? JSON.stringify(report, null, 2) : tableOf(report));
  } finally {
    await server.close();
  }
}

await main().catch((thrown) => {
  console.error(thrown instanceof Error ? thrown.message : thrown);
  process.exitCode = 1;
});
