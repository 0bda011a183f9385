/** The bench's page: starts the worker and times calls where a reader would see them end. */

import { proxy, wrap } from 'comlink';
import type { RgbImage } from '../../src/core/types.ts';
import { buildPrompt } from '../../src/data/prompts.ts';
import type { AnswerRequest } from '../../src/protocol/vlm.ts';
import { storedItems, type StoredItem } from '../../test/support/fixtures.ts';
import type { BenchService } from './bench.worker.ts';
import type { BenchPage, BenchTask, Measurement, PeerMeasurement } from './types.ts';

declare global {
  interface Window {
    bench: BenchPage;
  }
}

type Measured = PeerMeasurement & { readonly elapsedMs: number };

/** One stored item of every image and question, whatever mode it was stored in. */
const items = storedItems.filter(
  (item, at) =>
    storedItems.findIndex(
      ({ image, question }) =>
        question.text === item.question.text &&
        question.options.join() === item.question.options.join() &&
        image.data.every((value, i) => value === item.image.data[i]),
    ) === at,
);

const worker = wrap<BenchService>(
  new Worker(new URL('./bench.worker.ts', import.meta.url), { type: 'module' }),
);

function itemOf({ item }: BenchTask): StoredItem {
  const found = items[item];
  if (!found) throw new RangeError(`There are ${String(items.length)} items.`);
  return found;
}

/** The item's image with another grey level in one byte. */
function imageOf({ image }: StoredItem, variant: number): RgbImage {
  const data = image.data.slice();
  const at = variant % data.length;
  data[at] = (data[at] ?? 0) ^ 1;
  return { ...image, data };
}

function requestOf(task: BenchTask): AnswerRequest {
  const item = itemOf(task);
  const { k, temperature, maxNewTokens, seed } = task;
  return {
    image: imageOf(item, task.imageVariant),
    promptText: buildPrompt(item.question, task.mode, null).text,
    itemId: item.name,
    sampler: { k, temperature, topK: 0, topP: 1, minP: 0, maxNewTokens, seed },
    greedy: false,
    firstIndex: 0,
    ...(task.method === 'flat' ? { merge: false } : {}),
  };
}

/** The app's way: the service, its events and its reply. */
async function runOurs(request: AnswerRequest): Promise<Measured> {
  let firstSampleMs: number | null = null;
  let samples = 0;
  let tokens = 0;
  await worker.startMeter();
  const startedAt = performance.now();
  await worker.answer(
    crypto.randomUUID(),
    request,
    proxy((event) => {
      if (event.type !== 'samples') return;
      firstSampleMs ??= performance.now() - startedAt;
      samples += event.samples.length;
      for (const { tokenTexts } of event.samples) tokens += tokenTexts.length;
    }),
  );
  const elapsedMs = performance.now() - startedAt;
  return { elapsedMs, firstSampleMs, samples, tokens, meter: await worker.readMeter() };
}

async function runPeer(task: BenchTask, request: AnswerRequest): Promise<Measured> {
  const startedAt = performance.now();
  const measured = await worker.runPeer(task, request.image, request.promptText);
  return { elapsedMs: performance.now() - startedAt, ...measured };
}

async function measure(task: BenchTask): Promise<Measurement> {
  const request = requestOf(task);
  const { method, k } = task;
  const isOurs = method === 'tree' || method === 'flat';
  const { elapsedMs, firstSampleMs, samples, tokens, meter } = isOurs
    ? await runOurs(request)
    : await runPeer(task, request);
  if (samples !== k) throw new Error(`${String(samples)} samples of ${String(k)}.`);
  const first = firstSampleMs ?? elapsedMs;
  return { elapsedMs, firstSampleMs: first, samples, meanTokens: tokens / samples, meter };
}

window.bench = {
  load: async (request) => {
    const loaded = await worker.load(
      crypto.randomUUID(),
      request,
      proxy(() => undefined),
    );
    await worker.loadPeer(request);
    return loaded;
  },
  itemNames: () => items.map(({ name }) => name),
  measure,
  replay: (runs) => worker.replay(runs),
};
