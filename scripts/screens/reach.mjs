/**
 * How each state of a screen is reached by a person's clicks. Only what ships with the page is used: its
 * images, its checkpoints on the CPU, its recorded runs.
 */
import { fileURLToPath } from 'node:url';

const PATIENCE_MS = 180_000;
const LESSON = fileURLToPath(new URL('../../test/fixtures/lessons/by-hand.json', import.meta.url));
const FIRST_RUN = fileURLToPath(new URL('../../public/runs/first.jsonl', import.meta.url));
export const FAMILY = 'tiny-base,tiny-sft,tiny-rl';

const until = (page, selector) => page.locator(selector).first().waitFor({ timeout: PATIENCE_MS });
const see = (page, testId) => until(page, `[data-testid="${testId}"]`);
const press = (page, testId) => page.getByTestId(testId).first().click();
const untilState = (page, testId, state) =>
  page
    .locator(`[data-testid="${testId}"][data-state="${state}"]`)
    .first()
    // Where there is nothing to say any more its line has no height.
    .waitFor({ state: 'attached', timeout: PATIENCE_MS });

export const ask = (settings) =>
  `#/explore?dataset=bloodmnist&index=12&t=1&p=1&seed=7&device=wasm&${settings}`;
export const open = (hash) => async (page, url) => {
  await page.goto(`${url}${hash}`);
  await page.getByTestId('run').or(page.getByTestId('presentation')).first().waitFor();
  await page.locator('[data-testid="image-panel"] [role="img"]').waitFor();
};
export const firstVisit = async (page, url) => {
  await page.goto(url);
  await page.getByTestId('support-verdict').getByText('recorded run').first().waitFor();
};
/** A projector has no line that says how far a run is: there it has ended when words stop changing. */
const untilDone = async (page) => {
  if ((await page.getByTestId('presentation').count()) === 0) {
    return untilState(page, 'status', 'done');
  }
  await see(page, 'answer-row');
  let last = '';
  for (;;) {
    await page.waitForTimeout(2500);
    const words = await page.locator('main').innerText();
    if (words === last) return;
    last = words;
  }
};
export const done = (settings) => async (page, url) => {
  await open(ask(settings))(page, url);
  await untilDone(page);
};
export const doneWithThree = done(`checkpoint=${FAMILY}&k=16&mode=think&run=1`);
export const bounded = async (page, url) => {
  await done(`checkpoint=${FAMILY}&k=16&mode=direct&run=1`)(page, url);
  // The panel that tells of its progress is not there on a projector.
  const panel = page.locator('[data-testid="exact-panel"]:not([data-phase="ended"])');
  await until(page, '[data-testid="answer-row"][data-exact-lower]');
  await panel.waitFor({ state: 'detached', timeout: PATIENCE_MS });
};
export const follow = (step) => async (page, url) => {
  await page.goto(url);
  await page.locator(`[data-testid="lesson-card"][data-step="${step}"] a`).first().click();
  await see(page, 'lesson-step');
  await untilState(page, 'status', 'done');
};

/** In the middle of a run; waits until some samples have ended. */
export const running = async (page, url) => {
  await open(ask(`checkpoint=${FAMILY}&k=1024&mode=think&nulls=0&run=1`))(page, url);
  await until(page, '[data-testid="answer-row"]:not([data-count="0"])');
};
export const stopped = async (page, url) => {
  await running(page, url);
  await press(page, 'stop');
  await untilState(page, 'status', 'stopped');
};
export const failed = async (page, url) => {
  await page.route('**/models/tiny-sft/**', (route) => route.abort());
  await open(ask('checkpoint=tiny-sft&k=16&mode=direct&run=1'))(page, url);
  await untilState(page, 'status', 'error');
};
export const imported = async (page, url) => {
  await firstVisit(page, url);
  await page.locator('input[accept*="jsonl"]').setInputFiles(FIRST_RUN);
  await page.getByText('first.jsonl:').first().waitFor();
};

export const goTo = (hash, testId) => async (page, url) => {
  await page.goto(`${url}${hash}`);
  await see(page, testId);
};
/** The recorded run of the built-in family, fetched and open. */
export const withRecorded = (hash, testId) => async (page, url) => {
  await goTo(hash, 'recorded-open')(page, url);
  await press(page, 'recorded-open');
  await see(page, testId);
  await page.waitForFunction(
    () => !/being drawn|Working the figures out/.test(document.querySelector('main').innerText),
    null,
    { timeout: PATIENCE_MS },
  );
};
export const evaluating = async (page, url) => {
  await goTo('#/evaluate?device=wasm', 'evaluate-set')(page, url);
  if (await page.getByTestId('evaluate-start').isDisabled()) throw new Error('Nothing is planned.');
  await press(page, 'evaluate-start');
  await untilState(page, 'evaluate-status', 'running');
  await page.waitForFunction(
    () => Number(document.querySelector('[data-testid="evaluate-status"]')?.dataset.done) > 0,
    null,
    { timeout: PATIENCE_MS },
  );
};
export const planned = async (page, url) => {
  await goTo('#/evaluate?device=wasm', 'evaluate-set')(page, url);
  await press(page, 'evaluate-measure');
  await see(page, 'evaluate-estimate');
};
export const probed = async (page, url) => {
  await goTo('#/probe?device=wasm&set=breastmnist&checkpoint=tiny-sft,tiny-vision', 'probe-start')(
    page,
    url,
  );
  await press(page, 'probe-start');
  await untilState(page, 'probe-status', 'done');
  await see(page, 'feature-map-drawn');
  await page.evaluate(() => window.scrollTo(0, 0));
};
export const noServer = async (page, url) => {
  await goTo('#/models?server=http://localhost:9', 'models-server')(page, url);
  await press(page, 'server-connect');
  await see(page, 'server-error');
};

/** Two steps that a teacher wrote; the first asks for a guess. */
export const guessing = async (page, url) => {
  await page.route('**/lessons/mine.json', (route) => route.fulfill({ path: LESSON }));
  await page.goto(`${url}${url.includes('?') ? '&' : '?'}lesson=lessons/mine.json`);
  if (url.includes('present')) {
    await page.getByTestId('lesson-cover').getByText('2 steps').waitFor();
    await page.keyboard.press('PageDown');
  } else await page.getByTestId('lesson-example').first().click();
  await see(page, 'predict-option');
};
export const withKeys = async (page, url) => {
  await firstVisit(page, url);
  await page.keyboard.press('?');
  await see(page, 'shortcuts');
};
export const scoring = async (page, url) => {
  await done('checkpoint=tiny-sft&k=4&mode=think&run=1')(page, url);
  await press(page, 'edit-trace');
  await press(page, 'trace-score');
  await see(page, 'trace-row');
};
/** An address made on the sender's own image and checkpoint. */
export const ofSomebodyElse = async (page, url) => {
  await page.goto(`${url}#/explore?image=own&checkpoint=mine&k=16&mode=think`);
  await page.getByText('of its sender’s own').waitFor();
};
export const notARun = async (page, url) => {
  await goTo('#/evaluate', 'recorded-offer')(page, url);
  await page.getByTestId('import-run').setInputFiles({
    name: 'list.txt',
    mimeType: 'text/plain',
    buffer: Buffer.from('milk\nbread\n'),
  });
  await page.getByTestId('stored-runs').getByRole('alert').waitFor();
};
export const transferred = async (page, url) => {
  await withRecorded('#/compare', 'compare-summary')(page, url);
  await press(page, 'transfer-all');
  await see(page, 'transfer-map');
  await page.waitForFunction(
    () => !document.querySelector('[data-testid="transfer-map"]').textContent.includes('…'),
    null,
    { timeout: PATIENCE_MS },
  );
};
export const loaded = async (page, url) => {
  await goTo('#/models', 'model-row')(page, url);
  await page.locator('[data-checkpoint="tiny-sft"] [data-testid="model-load"]').click();
  await see(page, 'model-explore');
};

/** On a narrow screen controls are in a sheet, which is opened for the picture. */
export const sheet = (testId) => (page) => page.getByTestId(testId).click();
