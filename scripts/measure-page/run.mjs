/** A run of 16 samples on three checkpoints: what Run, a slider and a band cost, and what moves meanwhile. */
import {
  cumulativeShift,
  interactionMs,
  nowOf,
  openWatched,
  shiftsOf,
  shiftSum,
  watchedOf,
} from './watch.mjs';

const ADDRESS =
  '#/explore?dataset=bloodmnist&index=12&checkpoint=tiny-base,tiny-sft,tiny-rl&k=16&t=1&p=1&seed=7&mode=think&device=wasm';
const PATIENCE_MS = 300_000;
const PRESSED = ['pointerdown', 'pointerup', 'click'];

async function runToItsEnd(page) {
  const from = await nowOf(page);
  const delayMs = await interactionMs(page, PRESSED, () => page.getByTestId('run').click());
  await page
    .locator('[data-testid="status"]:is([data-state="done"], [data-state="error"])')
    .waitFor({ timeout: PATIENCE_MS });
  const state = await page.getByTestId('status').getAttribute('data-state');
  if (state !== 'done') throw new Error(`The run is ${state}.`);
  const watched = await watchedOf(page);
  return { delayMs, from, watched };
}

/** From a pointer over a band of the river to the next picture. */
async function hoverMs(page) {
  const band = page.locator('[data-testid="answer-river"] .hit').first();
  await band.scrollIntoViewIfNeeded();
  const box = await band.boundingBox();
  if (!box) throw new Error('There is no band.');
  await page.mouse.move(1, 1);
  return interactionMs(page, ['pointerover', 'pointerenter', 'mouseover', 'mouseenter'], () =>
    page.mouse.move(box.x + box.width / 2, box.y + box.height / 2),
  );
}

export async function measureRun(browser, url) {
  const page = await openWatched(browser);
  await page.goto(`${url}${ADDRESS}`);
  await page.getByTestId('run').waitFor();
  // Not what opening the page itself moves.
  await page.waitForTimeout(1000);
  const first = await runToItsEnd(page);
  const hover = await hoverMs(page);
  const slider = page.locator('input[type=range]').first();
  await slider.scrollIntoViewIfNeeded();
  await slider.focus();
  const sliderMs = await interactionMs(page, ['keydown', 'keyup', 'input', 'change'], () =>
    page.keyboard.press('ArrowRight'),
  );
  await page.keyboard.press('ArrowLeft');
  await page.locator('[data-testid="run"]:enabled').waitFor();
  await page.getByLabel('seed', { exact: true }).first().fill('8');
  await page.waitForTimeout(1000);
  const second = await runToItsEnd(page);
  await page.context().close();
  return {
    runMs: first.delayMs,
    hoverMs: hover,
    sliderMs,
    runCls: cumulativeShift(first.watched, first.from),
    secondRunCls: cumulativeShift(second.watched, second.from),
    runShift: shiftSum(first.watched, first.from),
    secondRunShift: shiftSum(second.watched, second.from),
    shifts: [
      ...shiftsOf(first.watched, 'first run', first.from),
      ...shiftsOf(second.watched, 'second run', second.from),
    ],
  };
}
