/** Builds and serves the bench's page, and opens it in Chromium with a checkpoint loaded. */
import { cpSync, rmSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { build } from 'vite';
import { chromiumArgs, findChromium } from '../chromium.mjs';
import { serve } from '../server.mjs';
import { root } from '../steps.mjs';

const PAGE = 'scripts/bench/index.html';
const OUTPUT = `${root}node_modules/.cache/supportlens-bench`;
const DTYPE = { vision_encoder: 'q8', embed_tokens: 'q8', decoder_model_merged: 'q4' };

/** A build of its own, beside the app's, with the one checkpoint that it loads. */
export async function serveBench(checkpoint) {
  rmSync(OUTPUT, { recursive: true, force: true });
  await build({
    root,
    configFile: `${root}vite.config.ts`,
    publicDir: false,
    logLevel: 'error',
    build: { outDir: OUTPUT, rolldownOptions: { input: `${root}${PAGE}` } },
  });
  const folder = `models/${checkpoint}`;
  cpSync(`${root}public/${folder}`, `${OUTPUT}/${folder}`, { recursive: true });
  return serve(OUTPUT);
}

/**
 * A browser with the checkpoint loaded, which the caller closes; `null` where WebGPU was asked for
 * and there is no adapter, or only a software one that was not allowed.
 */
export async function openBench(url, { checkpoint, swiftshader }, device) {
  const args = chromiumArgs.filter((arg) => swiftshader || !arg.includes('swiftshader'));
  const browser = await chromium.launch({ executablePath: findChromium(), args });
  const page = await browser.newPage();
  page.on('pageerror', (error) => console.error(error.message));
  await page.goto(`${url}${PAGE}`);
  await page.waitForFunction(() => 'bench' in window);
  const hasAdapter = await page.evaluate(async (isSoftwareAllowed) => {
    const adapter = await navigator.gpu?.requestAdapter().catch(() => null);
    return Boolean(adapter && (isSoftwareAllowed || !adapter.info.isFallbackAdapter));
  }, swiftshader);
  if (device === 'webgpu' && !hasAdapter) {
    await browser.close();
    return null;
  }
  const request = {
    source: { kind: 'folder', modelsUrl: `${url}models/` },
    checkpointId: checkpoint,
    dtype: DTYPE,
    device,
  };
  const loaded = await page.evaluate((asked) => window.bench.load(asked), request);
  return { browser, page, loaded };
}
