/** One run in the built page, as a reader would start it: by its address, ending with its export. */
import { text as readAll } from 'node:stream/consumers';

/** An address that the page refuses begins no run. */
const BEGIN_TIMEOUT_MS = 60_000;
const RUN_TIMEOUT_MS = 300_000;

/**
 * @typedef {{dataset: string, index: number, label: number}} Item an image of the gallery
 * @typedef {{k: number, temperature: number, topP: number, topK: number, minP: number,
 *   maxNewTokens: number, seed: number}} Sampler
 * @typedef {{checkpoints: string[], kind: string, mode: string, sampler: Sampler,
 *   nulls: boolean}} Plan
 */

/** @param {Item} item @param {Plan} plan @returns {string} the address, every knob written out */
export function addressOf({ dataset, index }, { checkpoints, kind, mode, sampler, nulls }) {
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
    nulls: nulls ? '1' : '0',
  });
  return `#/explore?${query.toString()}`;
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
export async function sampleItem(page, item, plan) {
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
