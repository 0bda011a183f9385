/** The Evaluate screen as a reader uses it: filled in, started or resumed, watched, exported. */

const PLANNING_TIMEOUT_MS = 600_000;
/** A transfer of a large run takes its time. */
const EXPORT_TIMEOUT_MS = 3_600_000;

const planOf = (page) => page.getByTestId('evaluate-plan');

/** Types what the plan says into the controls. @throws Error when the page has no such set or checkpoint */
export async function fillIn(page, plan) {
  await openFiles(page, plan);
  await chooseSets(page, plan);
  const panel = planOf(page);
  await chooseCheckpoints(panel, plan.checkpoints);
  await panel.getByLabel('items of each set').fill(plan.itemsPerSet);
  await panel.getByLabel('question', { exact: true }).selectOption(plan.kind);
  const { K: k, ...numbers } = plan.sampler;
  await panel.getByLabel('K', { exact: true }).selectOption(k);
  for (const [label, value] of Object.entries(numbers)) {
    await panel.getByLabel(label, { exact: true }).fill(value);
  }
  const mode = { think: 'Think', direct: 'Direct', hinted: 'Hinted' }[plan.mode];
  await panel.getByText(mode, { exact: true }).click();
  if (plan.hint !== null) await panel.getByLabel('Hint').fill(plan.hint);
  await panel.getByTestId('nulls').setChecked(plan.nulls);
  if (plan.name !== null) await panel.getByLabel('Name of the run').fill(plan.name);
}

/** Each file's sets are chosen by the page as they come. */
async function openFiles(page, { npz, vqa, images }) {
  const sets = page.getByTestId('evaluate-set');
  await sets.first().waitFor();
  for (const { file, split } of npz) {
    const before = await sets.count();
    await page.getByTestId('evaluate-split').selectOption(split);
    await page.getByTestId('evaluate-files').setInputFiles(file);
    await appeared(page, sets, before, file);
  }
  if (vqa !== null) {
    const before = await sets.count();
    if (images !== null) await page.getByTestId('evaluate-folder').setInputFiles(images);
    await page.getByTestId('evaluate-files').setInputFiles(vqa);
    await appeared(page, sets, before, vqa);
  }
}

async function appeared(page, sets, before, file) {
  const alert = page.getByTestId('evaluate-sets').getByRole('alert');
  await sets.nth(before).or(alert.first()).first().waitFor({ timeout: PLANNING_TIMEOUT_MS });
  if ((await sets.count()) <= before) {
    throw new Error(`${file}: ${(await alert.allInnerTexts()).join(' ')}`);
  }
}

/** Built-in sets that are not asked are left out; those of the files stay. */
async function chooseSets(page, { sets: wanted, npz, vqa }) {
  const boxes = page.getByTestId('evaluate-set');
  const ids = await boxes.evaluateAll((all) => all.map((box) => box.dataset.set));
  const unknown = wanted.find((id) => !ids.includes(id));
  if (unknown !== undefined) {
    throw new Error(`There is no set ${unknown}: the page has ${ids.join(', ')}.`);
  }
  const hasFiles = npz.length > 0 || vqa !== null;
  for (const id of ids) {
    const isBuiltIn = !id.includes('/');
    if (!isBuiltIn && hasFiles) continue;
    await page
      .locator(`[data-testid=evaluate-set][data-set="${id}"]`)
      .setChecked(wanted.includes(id));
  }
}

async function chooseCheckpoints(panel, wanted) {
  const chips = panel.getByTestId('checkpoint');
  const ids = await chips.evaluateAll((all) => all.map((chip) => chip.dataset.checkpoint));
  const unknown = wanted.find((id) => !ids.includes(id));
  if (unknown !== undefined) {
    throw new Error(`There is no checkpoint ${unknown}: the page has ${ids.join(', ')}.`);
  }
  for (const id of ids) {
    const chip = panel.locator(`[data-testid=checkpoint][data-checkpoint="${id}"]`);
    const isChosen = (await chip.getAttribute('aria-pressed')) === 'true';
    if (isChosen !== wanted.includes(id)) await chip.click();
  }
}

/** Starts what is filled in, and resolves with the id of the run when it is stored. */
export async function startRun(page) {
  const start = page.getByTestId('evaluate-start');
  if (await start.isDisabled()) {
    throw new Error(`The page refuses: ${await page.getByTestId('evaluate-cost').innerText()}`);
  }
  await start.click();
  const stored = page.getByTestId('stored-run');
  const failed = page.locator('[data-testid=evaluate-status][data-state=error]');
  await stored.or(failed).first().waitFor({ timeout: PLANNING_TIMEOUT_MS });
  if ((await stored.count()) === 0) throw new Error(await complaint(page));
  return stored.first().getAttribute('data-run');
}

/** Goes on with the one run that the browser keeps; `false` when it keeps none. */
export async function resumeRun(page, url, device) {
  await page.locator('[data-testid=stored-runs][data-open=true]').waitFor();
  const kept = page.getByTestId('stored-run');
  if ((await kept.count()) === 0) return false;
  const id = await kept.first().getAttribute('data-run');
  await page.goto(`${url}#/evaluate?run=${id}&device=${device}`);
  await page.locator(`[data-testid=set-results][data-run="${id}"]`).waitFor();
  const { state } = await statusOf(page);
  if (state === 'paused' || state === 'error') await page.getByTestId('evaluate-resume').click();
  return true;
}

/** @returns {Promise<{state: string, done: number, total: number, words: string}>} */
export async function statusOf(page) {
  const status = page.getByTestId('evaluate-status');
  return {
    ...(await status.evaluate(({ dataset }) => ({
      state: dataset.state,
      done: Number(dataset.done),
      total: Number(dataset.total),
    }))),
    words: (
      await status
        .locator('.words')
        .first()
        .innerText()
        .catch(() => '')
    ).replace(/\s+/gu, ' '),
  };
}

/** What the page says in its notices. */
export async function complaint(page) {
  const said = await page.locator('[role=alert], .notice').allInnerTexts();
  return (
    said
      .map((text) => text.trim())
      .filter(Boolean)
      .join('\n') || 'The page says no more.'
  );
}

/** Saves one of the exports of the open run. @param {'jsonl' | 'parquet' | 'figures' | 'items'} what */
export async function saveExport(page, what, path) {
  const button = page.locator(`[data-testid=export-run-${what}]:enabled`);
  await button.waitFor({ timeout: EXPORT_TIMEOUT_MS, state: 'attached' });
  const download = page.waitForEvent('download', { timeout: EXPORT_TIMEOUT_MS });
  await button.click();
  await (await download).saveAs(path);
}
