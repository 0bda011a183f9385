/**
 * Pictures of every screen and state into docs/screens (`scripts/screens/states.mjs` is the list):
 *
 *   npm run build && npm run screens -- [--only explore-done,compare] [--out docs/screens]
 *
 * Takes minutes and is run by hand. `--only` names states, or screens, by the beginning of their files' names.
 * What overflows its window, and what the page says on its console, is printed.
 */
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import prettier from 'prettier';
import { chromium } from 'playwright-core';
import { chromiumArgs, findChromium } from './chromium.mjs';
import { albumOf, fileOf } from './screens/album.mjs';
import { pose, PROJECTOR, SCHEMES, shoot, SIZES } from './screens/camera.mjs';
import { STATES } from './screens/states.mjs';
import { serve } from './server.mjs';
import { root } from './steps.mjs';

const { values } = parseArgs({
  options: { only: { type: 'string' }, out: { type: 'string', default: `${root}docs/screens` } },
});
const folder = values.out;
const isAsked = ({ screen, id }) =>
  values.only === undefined ||
  values.only.split(',').some((name) => `${screen.toLowerCase()}-${id}`.startsWith(name));

/** Every size and scheme of a state, in a browser that has seen nothing. */
async function photograph(browser, url, state, sizes) {
  const open = async () => {
    const page = await browser.newPage({ serviceWorkers: 'block' });
    page.on('pageerror', ({ message }) => console.error(`${state.screen}: ${message}`));
    return page;
  };
  const prepare = async (page, size, scheme) => {
    await pose(page, size, scheme);
    await state.prepare(page, url);
    // Where a pointer came to rest would be shown as hovered.
    await page.mouse.move(0, 0);
  };
  let page = await open();
  // A state is reached in a wide window, where every control is on the page.
  const [wide] = sizes.toSorted((a, b) => b.width - a.width);
  if (!state.moves) await prepare(page, wide, SCHEMES[0]);
  for (const size of sizes) {
    for (const scheme of SCHEMES) {
      if (state.moves) {
        await page.close();
        page = await open();
        await prepare(page, size, scheme);
      }
      await pose(page, size, scheme);
      const opened = size.width < 720 ? state.narrow : undefined;
      if (opened) await opened(page);
      if (state.look && !size.wholePage) {
        await page.getByTestId(state.look).last().scrollIntoViewIfNeeded();
      }
      const file = fileOf(state, size, scheme);
      const { bytes, overflowPx } = await shoot(page, {
        ...size,
        wholePage: size.wholePage && !opened,
      });
      if (overflowPx > 0) console.error(`${file}: ${overflowPx} px wider than its window`);
      writeFileSync(`${folder}/${file}`, bytes);
      if (opened) await page.keyboard.press('Escape');
    }
  }
  await page.close();
}

const isBuilt = existsSync(`${root}dist/index.html`);
if (!isBuilt) throw new Error('There is no build: npm run build first.');
mkdirSync(folder, { recursive: true });
const server = await serve(`${root}dist`);
const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArgs });
try {
  for (const state of STATES.filter(isAsked)) {
    const name = `${state.screen}, ${state.title}`;
    try {
      await photograph(browser, server.url, state, SIZES);
      if (state.present) await photograph(browser, `${server.url}?present`, state, [PROJECTOR]);
      console.log(name);
    } catch (thrown) {
      process.exitCode = 1;
      console.error(`${name}: ${thrown instanceof Error ? thrown.message : thrown}`);
    }
  }
} finally {
  await browser.close();
  await server.close();
}

const files = readdirSync(folder).filter((name) => name.endsWith('.webp'));
const album = albumOf(STATES, [...SIZES, PROJECTOR], SCHEMES, (file) => files.includes(file));
const readme = `${folder}/README.md`;
const style = await prettier.resolveConfig(readme);
writeFileSync(readme, await prettier.format(album, { ...style, filepath: readme }));
const size = files.reduce((sum, name) => sum + statSync(`${folder}/${name}`).size, 0);
console.log(`${files.length} pictures, ${(size / 1e6).toFixed(1)} MB.`);
