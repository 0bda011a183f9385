/** Servers under Models as a reader adds them, so that Evaluate has their models. */

const LOOK_TIMEOUT_MS = 120_000;

/**
 * Adds each model of the servers, or finds those that the profile has, and gives the servers their key, which the
 * page keeps in memory only.
 *
 * @param {import('playwright-core').Page} page
 * @param {string} url of the page
 * @param {{addresses: string[], models: string[], concurrency: string}} servers
 * @param {string | null} key
 * @returns {Promise<string[]>} ids of the models on the page
 * @throws Error with what the page says
 */
export async function addServers(page, url, servers, key) {
  await page.goto(`${url}#/models`);
  const ids = [];
  for (const model of servers.models) {
    await connect(page, servers.addresses, key);
    await chooseModel(page, model);
    await page.getByTestId('server-add-only').click();
    const row = await rowOf(page, model, servers.addresses);
    await chooseConcurrency(row, servers.concurrency);
    ids.push(await row.getAttribute('data-checkpoint'));
  }
  return ids;
}

async function connect(page, addresses, key) {
  // Another address than the one before forgets what was found there.
  await page.getByTestId('server-address').fill('');
  await page.getByTestId('server-address').fill(addresses.join(', '));
  if (key !== null) await page.getByTestId('server-key').fill(key);
  await page.getByTestId('server-connect').click();
  const panel = page.getByTestId('models-server');
  const failed = panel.getByTestId('server-error').or(panel.locator('form [role=alert]'));
  await page.getByTestId('server-found').or(failed).first().waitFor({ timeout: LOOK_TIMEOUT_MS });
  if ((await failed.count()) > 0) throw new Error((await failed.allInnerTexts()).join('\n'));
}

async function chooseModel(page, model) {
  const field = page.getByTestId('server-model');
  const listed = await field.locator('option').evaluateAll((all) => all.map(({ value }) => value));
  if (listed.length === 0) await field.fill(model);
  else if (listed.includes(model)) await field.selectOption(model);
  else throw new Error(`The server has no model ${model}: it lists ${listed.join(', ')}.`);
}

/** A row says first what is asked, and then where. */
async function rowOf(page, model, addresses) {
  const rows = page.getByTestId('model-row');
  for (const row of await rows.all()) {
    const [name, ...places] = (await row.locator('.facts').innerText()).split(' · ');
    const isThere = addresses.every((address, at) => places[at]?.includes(hostOf(address)));
    if (name === model && places.length === addresses.length && isThere) return row;
  }
  throw new Error(`The page did not add ${model}.`);
}

const hostOf = (address) => address.replace(/^\w+:\/\//u, '').split('/')[0];

async function chooseConcurrency(row, wanted) {
  const field = row.getByTestId('model-concurrency');
  const choices = await field.locator('option').evaluateAll((all) => all.map(({ value }) => value));
  if (!choices.includes(wanted)) {
    throw new Error(`--concurrency is one of ${choices.join(', ')}; not ${wanted}.`);
  }
  if ((await field.inputValue()) !== wanted) await field.selectOption(wanted);
}
