/**
 * What is photographed: every screen in each of its states, a row a state. Only what ships with the page is
 * used: its images, its checkpoints on the CPU, its recorded runs.
 */
import { fileURLToPath } from 'node:url';

const PATIENCE_MS = 180_000;
const FIRST_RUN = fileURLToPath(new URL('../../public/runs/first.jsonl', import.meta.url));
const FAMILY = 'tiny-base,tiny-sft,tiny-rl';

const until = (page, selector) => page.locator(selector).first().waitFor({ timeout: PATIENCE_MS });
const see = (page, testId) => until(page, `[data-testid="${testId}"]`);
const press = (page, testId) => page.getByTestId(testId).first().click();
const untilState = (page, testId, state) =>
  page
    .locator(`[data-testid="${testId}"][data-state="${state}"]`)
    .first()
    // Where there is nothing to say any more its line has no height.
    .waitFor({ state: 'attached', timeout: PATIENCE_MS });

const ask = (settings) =>
  `#/explore?dataset=bloodmnist&index=12&t=1&p=1&seed=7&device=wasm&${settings}`;
const open = (hash) => async (page, url) => {
  await page.goto(`${url}${hash}`);
  await page.getByTestId('run').or(page.getByTestId('presentation')).first().waitFor();
};
const firstVisit = async (page, url) => {
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
const done = (settings) => async (page, url) => {
  await open(ask(settings))(page, url);
  await untilDone(page);
};
const doneWithThree = done(`checkpoint=${FAMILY}&k=16&mode=think&run=1`);
const bounded = async (page, url) => {
  await done(`checkpoint=${FAMILY}&k=16&mode=direct&run=1`)(page, url);
  // The panel that tells of its progress is not there on a projector.
  const panel = page.locator('[data-testid="exact-panel"]:not([data-phase="ended"])');
  await until(page, '[data-testid="answer-row"][data-exact-lower]');
  await panel.waitFor({ state: 'detached', timeout: PATIENCE_MS });
};
const follow = (step) => async (page, url) => {
  await page.goto(url);
  await page.locator(`[data-testid="lesson-card"][data-step="${step}"] a`).first().click();
  await see(page, 'lesson-step');
  await untilState(page, 'status', 'done');
};

/** In the middle of a run; waits until some samples have ended. */
const running = async (page, url) => {
  await open(ask(`checkpoint=${FAMILY}&k=1024&mode=think&nulls=0&run=1`))(page, url);
  await until(page, '[data-testid="answer-row"]:not([data-count="0"])');
};
const stopped = async (page, url) => {
  await running(page, url);
  await press(page, 'stop');
  await untilState(page, 'status', 'stopped');
};
const failed = async (page, url) => {
  await page.route('**/models/tiny-sft/**', (route) => route.abort());
  await open(ask('checkpoint=tiny-sft&k=16&mode=direct&run=1'))(page, url);
  await untilState(page, 'status', 'error');
};
const imported = async (page, url) => {
  await firstVisit(page, url);
  await page.locator('input[accept*="jsonl"]').setInputFiles(FIRST_RUN);
  await page.getByText('first.jsonl:').first().waitFor();
};

const goTo = (hash, testId) => async (page, url) => {
  await page.goto(`${url}${hash}`);
  await see(page, testId);
};
/** The recorded run of the built-in family, fetched and open. */
const withRecorded = (hash, testId) => async (page, url) => {
  await goTo(hash, 'recorded-open')(page, url);
  await press(page, 'recorded-open');
  await see(page, testId);
  await page.waitForFunction(
    () => !/being drawn|Working the figures out/.test(document.querySelector('main').innerText),
    null,
    { timeout: PATIENCE_MS },
  );
};
const evaluating = async (page, url) => {
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
const planned = async (page, url) => {
  await goTo('#/evaluate?device=wasm', 'evaluate-set')(page, url);
  await press(page, 'evaluate-measure');
  await see(page, 'evaluate-estimate');
};
const probed = async (page, url) => {
  await goTo('#/probe?device=wasm&set=breastmnist&checkpoint=tiny-sft,tiny-vision', 'probe-start')(
    page,
    url,
  );
  await press(page, 'probe-start');
  await untilState(page, 'probe-status', 'done');
  await see(page, 'feature-map-drawn');
  await page.evaluate(() => window.scrollTo(0, 0));
};
const noServer = async (page, url) => {
  await goTo('#/models?server=http://localhost:9', 'models-server')(page, url);
  await press(page, 'server-connect');
  await see(page, 'server-error');
};

/** On a narrow screen controls are in a sheet, which is opened for the picture. */
const sheet = (testId) => (page) => page.getByTestId(testId).click();

/**
 * @typedef {object} State
 * @property {string} screen
 * @property {string} id part of the file's name
 * @property {string} title
 * @property {(page: import('playwright-core').Page, url: string) => Promise<void>} prepare
 * @property {boolean} [moves] it passes by itself: prepared anew for each picture
 * @property {(page: import('playwright-core').Page) => Promise<void>} [narrow] done at 390 px, ended by Escape
 * @property {string} [look] handle of what is scrolled into a window that does not show the whole page
 * @property {boolean} [present] it is there for a projector too
 */

/** @type {readonly State[]} */
export const STATES = [
  { screen: 'Explore', id: 'first', title: 'first visit', prepare: firstVisit, present: true },
  {
    screen: 'Explore',
    id: 'controls',
    title: 'controls, nothing asked yet',
    prepare: open(ask(`checkpoint=${FAMILY}&k=16&mode=think`)),
    narrow: sheet('open-controls'),
    present: true,
  },
  {
    screen: 'Explore',
    id: 'running',
    title: 'running, K = 1,024',
    prepare: running,
    moves: true,
    present: true,
  },
  {
    screen: 'Explore',
    id: 'done',
    title: 'done, three checkpoints',
    prepare: doneWithThree,
    present: true,
  },
  {
    screen: 'Explore',
    id: 'exact',
    title: 'exact bounds',
    prepare: bounded,
    look: 'answer-row',
    present: true,
  },
  { screen: 'Explore', id: 'stopped', title: 'stopped', prepare: stopped },
  { screen: 'Explore', id: 'error', title: 'a checkpoint did not come', prepare: failed },
  { screen: 'Explore', id: 'imported', title: 'a run from a file', prepare: imported },
  {
    screen: 'Explore',
    id: 'lesson',
    title: 'a step of the lesson',
    prepare: follow('rl-sharpens'),
  },
  {
    screen: 'Evaluate',
    id: 'empty',
    title: 'nothing stored',
    prepare: goTo('#/evaluate', 'recorded-offer'),
  },
  {
    screen: 'Evaluate',
    id: 'plan',
    title: 'a plan with its measured cost',
    prepare: planned,
    narrow: sheet('open-plan'),
  },
  { screen: 'Evaluate', id: 'running', title: 'running', prepare: evaluating },
  {
    screen: 'Evaluate',
    id: 'results',
    title: 'the recorded run',
    prepare: withRecorded('#/evaluate', 'item-row'),
  },
  {
    screen: 'Compare',
    id: 'empty',
    title: 'nothing stored',
    prepare: goTo('#/compare', 'recorded-offer'),
  },
  {
    screen: 'Compare',
    id: 'recorded',
    title: 'the recorded run',
    prepare: withRecorded('#/compare', 'compare-summary'),
  },
  {
    screen: 'Recipe',
    id: 'empty',
    title: 'nothing stored',
    prepare: goTo('#/recipe', 'recorded-offer'),
  },
  {
    screen: 'Recipe',
    id: 'recorded',
    title: 'the recorded run',
    prepare: withRecorded('#/recipe', 'recipe-verdict'),
  },
  {
    screen: 'Probe',
    id: 'empty',
    title: 'nothing probed',
    prepare: goTo('#/probe', 'probe-empty'),
    narrow: sheet('open-probe-plan'),
  },
  { screen: 'Probe', id: 'study', title: 'a study of one set', prepare: probed },
  { screen: 'Models', id: 'list', title: 'as it is', prepare: goTo('#/models', 'model-row') },
  {
    screen: 'Models',
    id: 'server',
    title: 'a server that does not answer',
    prepare: noServer,
    look: 'server-error',
  },
];
