/** A checkpoint's worker in real life: stopped, killed, cancelled, asked twice, sent to a wrong place. */

import { afterEach, expect, test } from 'vitest';
import { BUILT_IN_CHECKPOINTS } from '../../src/backend/checkpoints.ts';
import { WorkerBackend } from '../../src/backend/worker-backend.ts';
import { createWorkerLink } from '../../src/backend/worker-link.ts';
import type { AnswerRequest, VlmService } from '../../src/protocol/vlm.ts';
import { collect, builtIn, makeWorker } from '../support/backend.ts';
import { OPEN_SAMPLER } from '../support/engine.ts';
import { storedItems } from '../support/fixtures.ts';

const calls = { signal: new AbortController().signal, onEvent: () => undefined };
let backend: WorkerBackend | null = null;
let workers: Worker[] = [];

afterEach(() => {
  backend?.unload();
  backend = null;
  workers = [];
});

function newBackend(modelsUrl = builtIn.modelsUrl): WorkerBackend {
  const row = BUILT_IN_CHECKPOINTS.find(({ id }) => id === 'tiny-sft');
  if (!row) throw new Error('tiny-sft is not in the table.');
  backend = new WorkerBackend(row, { kind: 'folder', modelsUrl }, (name) => {
    const worker = makeWorker(name);
    workers.push(worker);
    return worker;
  });
  return backend;
}

function request(k: number): AnswerRequest {
  const [item] = storedItems;
  if (!item) throw new Error('There is no stored item.');
  return {
    image: item.image,
    promptText: item.userPrompt,
    itemId: item.name,
    sampler: { ...OPEN_SAMPLER, k },
    greedy: true,
    firstIndex: 0,
  };
}

test('stopping at any step keeps what was finished, and the next run is whole', async () => {
  const own = newBackend();
  await own.load('wasm', calls);
  const whole = await collect(own, request(16));
  expect(whole.reply.completed).toBe(true);
  expect(whole.samples).toHaveLength(16);
  for (const stopAtStep of [1, 2, 7, 15, 22]) {
    const abort = new AbortController();
    const kept: string[] = [];
    let lastStep = 0;
    const reply = await own.answer(request(16), {
      signal: abort.signal,
      onEvent: (event) => {
        if (event.type === 'samples') kept.push(...event.samples.map(({ text }) => text));
        if (event.type === 'step') lastStep = event.step;
        if (event.type === 'step' && event.step === stopAtStep) abort.abort();
      },
    });
    expect(reply.completed).toBe(false);
    // The page may be a step behind; stop.browser.test.ts counts on the worker's side.
    expect(lastStep - stopAtStep).toBeLessThanOrEqual(1);
    expect(reply.steps).toBe(lastStep);
    const wholeTexts = whole.samples.map(({ text }) => text);
    for (const text of kept) expect(wholeTexts).toContain(text);
  }
  const again = await collect(own, request(16));
  expect(again.samples).toEqual(whole.samples);
});

test('a worker that is killed in the middle says so; loading again works', async () => {
  const own = newBackend();
  await own.load('wasm', calls);
  let killed = false;
  const run = own.answer(request(64), {
    signal: new AbortController().signal,
    onEvent: (event) => {
      if (event.type === 'step' && event.step === 3 && !killed) {
        killed = true;
        workers[0]?.terminate();
      }
    },
  });
  await expect(run).rejects.toMatchObject({ name: 'WorkerDied' });
  expect(own.answerer).toBeNull();
  await own.load('wasm', calls);
  expect((await collect(own, request(2))).samples).toHaveLength(2);
});

test('a worker that cannot start is reported, not waited for', async () => {
  const link = createWorkerLink<VlmService>(
    (name) => new Worker(URL.createObjectURL(new Blob(['throw new Error("broken")'])), { name }),
  );
  await expect(link.call((service) => service.cancel('none'))).rejects.toMatchObject({
    name: 'WorkerDied',
  });
});

test('a load can be cancelled and done again', async () => {
  const own = newBackend();
  const abort = new AbortController();
  const load = own.load('wasm', {
    signal: abort.signal,
    onEvent: ({ loadedBytes }) => {
      if (loadedBytes > 0) abort.abort();
    },
  });
  await expect(load).rejects.toMatchObject({ name: 'Cancelled' });
  const answerer = await own.load('wasm', calls);
  expect(answerer.checkpointId).toBe('tiny-sft');
});

test('two runs at once: the second is refused, the first goes on', async () => {
  const own = newBackend();
  await own.load('wasm', calls);
  const first = collect(own, request(4));
  await expect(collect(own, request(4))).rejects.toMatchObject({ name: 'Internal' });
  expect((await first).samples).toHaveLength(4);
});

test('answering before loading names the remedy', async () => {
  const own = newBackend();
  await expect(collect(own, request(1))).rejects.toMatchObject({ name: 'NotLoaded' });
});

test('a folder without the checkpoint is CheckpointMissing', async () => {
  const own = newBackend(new URL('/nowhere/', location.href).href);
  await expect(own.load('wasm', calls)).rejects.toMatchObject({ name: 'CheckpointMissing' });
});
