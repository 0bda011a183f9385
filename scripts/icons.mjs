/**
 * The icons of an installed page, drawn by Chromium from public/icon.svg: `npm run icons` after that one
 * was changed. A maskable icon may be cut to a circle of 80 %, so its drawing is smaller on a full ground.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { chromiumArgs, findChromium } from './chromium.mjs';
import { root } from './steps.mjs';

const GROUND = '#14213d';
/** `share` of the side that the drawing takes. */
const ICONS = [
  { name: 'icon-192', sizePx: 192, share: 1, ground: 'transparent' },
  { name: 'icon-512', sizePx: 512, share: 1, ground: 'transparent' },
  { name: 'icon-maskable-512', sizePx: 512, share: 0.72, ground: GROUND },
  // iOS rounds the corners itself and puts black under what is transparent.
  { name: 'apple-touch-icon', sizePx: 180, share: 0.9, ground: GROUND },
];

const svg = readFileSync(`${root}public/icon.svg`, 'utf8');
mkdirSync(`${root}public/icons`, { recursive: true });
const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArgs });
for (const { name, sizePx, share, ground } of ICONS) {
  const page = await browser.newPage({ viewport: { width: sizePx, height: sizePx } });
  await page.setContent(
    `<style>html,body{height:100%;margin:0;background:${ground};display:grid;place-items:center}
    svg{width:${100 * share}vw;height:${100 * share}vw}</style>${svg}`,
  );
  const path = `${root}public/icons/${name}.png`;
  await page.screenshot({ path, omitBackground: true });
  await page.close();
  console.log(path);
}
await browser.close();
