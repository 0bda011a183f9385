import { describe, expect, test } from 'vitest';
import { FakeBackend } from '../../test/support/fake-backend.ts';
import { setOf } from '../../test/support/evaluation-sets.ts';
import { MemoryStore } from '../../test/support/memory-store.ts';
import { SAMPLER } from '../core/record-fixture.ts';
import type { ItemRecord } from '../core/types.ts';
import { medmnistSet } from '../data/medmnist.ts';
import { NamedError } from '../protocol/errors.ts';
import { planRun, type PlanRequest } from './plan-run.ts';
import { runSet, type RunnerCalls, type RunProgress } from './set-runner.ts';

const request: PlanRequest = {
  name: 'both sets',
  sets: [setOf('bloodmnist'), setOf('pathmnist')],
  itemsPerSet: 3,
  kind: 'options',
  settings: {
    checkpointIds: ['base', 'sft'],
    promptMode: 'think',
    hint: null,
    sampler: { ...SAMPLER, k: 4 },
    nulls: true,
  },
};

const plan = (change: Partial<PlanRequest> = {}, signal = new AbortController().signal) =>
  planRun(
    { ...request, ...change },
    {
      runId: 'run',
      createdAt: '2026-11-26T00:00:00.000Z',
      signal,
      onProgress: () => undefined,
    },
  );

function set(store: MemoryStore, backends = [new FakeBackend('base'), new FakeBackend('sft')]) {
  const progress: RunProgress[] = [];
  const ports = {
    store,
    backend: (id: string) => backends.find(({ checkpoint }) => checkpoint.id === id),
    load: (id: string, preference: 'auto' | 'webgpu' | 'wasm', signal: AbortSignal) => {
      const backend = backends.find(({ checkpoint }) => checkpoint.id === id);
      if (!backend) throw new Error(`There is no ${id}.`);
      return backend.load(preference, { signal, onEvent: () => undefined });
    },
    exclusively: async (_: string, work: () => Promise<void>) => {
      await work();
      return true;
    },
  };
  const run = (change: Partial<RunnerCalls> = {}) =>
    runSet('run', ports, {
      preference: 'auto',
      signal: new AbortController().signal,
      onProgress: (one) => progress.push(one),
      onRecord: () => undefined,
      ...change,
    });
  return { run, progress, ports, backends };
}

/** Everything but the time that it took. */
const timeless = (records: ReadonlyMap<string, ItemRecord>) =>
  [...records].sort().map(([key, record]) => [key, { ...record, elapsedMs: 0 }]);

describe('planning', () => {
  test('draws as many items of each set, in turn, and the same ones again', async () => {
    const { newRun, leftOut } = await plan();
    expect(newRun.items.map(({ image }) => image.dataset)).toEqual(
      Array.from({ length: 3 }, () => ['bloodmnist', 'pathmnist']).flat(),
    );
    expect(leftOut).toBeNull();
    expect(newRun.run).toMatchObject({ items: 6, done: 0, datasets: [{ items: 3 }, { items: 3 }] });
    expect((await plan()).newRun.items).toEqual(newRun.items);
    const other = { ...request.settings, sampler: { ...request.settings.sampler, seed: 8 } };
    expect((await plan({ settings: other })).newRun.items).not.toEqual(newRun.items);
  });

  test('takes along the images of the items and of their wrong images', async () => {
    const { newRun } = await plan();
    for (const { image, wrongImages } of newRun.items) {
      expect(wrongImages?.images).toHaveLength(4);
      for (const { sha256 } of [image, ...(wrongImages?.images ?? [])]) {
        expect(newRun.images.has(sha256)).toBe(true);
      }
    }
    const without = await plan({ settings: { ...request.settings, nulls: false } });
    expect(without.newRun.items.every(({ wrongImages }) => wrongImages === null)).toBe(true);
    expect(without.newRun.images.size).toBe(6);
  });

  test('all of a set that has fewer items, and an error when none has a question', async () => {
    const all = await plan({ itemsPerSet: 1000 });
    expect(all.newRun.items).toHaveLength(
      2 * (medmnistSet('bloodmnist').labels.length + medmnistSet('pathmnist').labels.length),
    );
    await expect(plan({ sets: [] })).rejects.toMatchObject({ name: 'QuestionInvalid' });
    const stopped = AbortSignal.abort();
    await expect(plan({}, stopped)).rejects.toMatchObject({ name: 'Cancelled' });
  });
});

describe('a run', () => {
  test('answers every item with every checkpoint, with both nulls', async () => {
    const store = new MemoryStore((await plan()).newRun);
    const { run, backends } = set(store);
    await run();
    expect(store.records.size).toBe(12);
    for (const record of store.records.values()) {
      expect(record.samples).toHaveLength(4);
      expect(record.greedy).not.toBeNull();
      expect(record.nulls?.secondSeed.drawn?.samples).toHaveLength(4);
      expect(record.nulls?.wrongImages.drawn?.images).toHaveLength(4);
      expect(record.answerDistributions).toBeUndefined();
    }
    expect(backends.map(({ loads }) => loads)).toEqual([1, 1]);
    expect(await store.run('run')).toMatchObject({ done: 12 });
  });

  test('a shard answers its places of the same plan, has its own images only, and is whole then', async () => {
    const whole = (await plan()).newRun;
    const { newRun } = await plan({ shard: { number: 2, of: 4 } });
    expect(newRun.items).toEqual(whole.items);
    expect(newRun.images.size).toBeLessThan(whole.images.size);
    const store = new MemoryStore(newRun);
    const { run, backends } = set(store);
    await run();
    const places = [...(await store.entries('run'))].map(({ place }) => place);
    expect(places).toEqual([1, 5, 1, 5]);
    const asked = backends.map(({ requests }) => requests.length);
    await run();
    expect(backends.map(({ requests }) => requests.length)).toEqual(asked);
    await expect(plan({ shard: { number: 7, of: 7 } })).rejects.toThrow(
      'The plan has 6 items, of which shard 7 of 7 has none',
    );
  });

  test('stopped anywhere and resumed it has the records of an uninterrupted one', async () => {
    const whole = new MemoryStore((await plan()).newRun);
    await set(whole).run();
    for (const stopAt of [1, 3, 7, 30, 61]) {
      const store = new MemoryStore((await plan()).newRun);
      const { run, backends } = set(store);
      const abort = new AbortController();
      let halves = 0;
      for (const backend of backends) {
        backend.onHalf = () => {
          halves += 1;
          if (halves === stopAt) abort.abort();
        };
      }
      await expect(run({ signal: abort.signal })).rejects.toMatchObject({ name: 'Cancelled' });
      expect(store.records.size).toBeLessThan(12);
      await run();
      expect(timeless(store.records)).toEqual(timeless(whole.records));
    }
  });

  test('a worker that dies is loaded again for the item, and a second death ends the run', async () => {
    const store = new MemoryStore((await plan()).newRun);
    const { run, backends } = set(store);
    const [base] = backends;
    if (!base) throw new Error('There is a first backend.');
    base.answerError = new NamedError('WorkerDied', 'died');
    await run();
    expect(base.loads).toBe(2);
    expect(store.records.size).toBe(12);

    const again = new MemoryStore((await plan()).newRun);
    const dying = set(again);
    const [first] = dying.backends;
    if (!first) throw new Error('There is a first backend.');
    first.onHalf = () => {
      if (again.records.size === 2) first.answerError = new NamedError('WorkerDied', 'died');
    };
    await expect(dying.run()).rejects.toMatchObject({ name: 'WorkerDied' });
    expect(again.records.size).toBe(2);
  });

  test('other weights than it began with are refused', async () => {
    const store = new MemoryStore((await plan()).newRun);
    const first = set(store);
    const abort = new AbortController();
    await expect(
      first.run({
        signal: abort.signal,
        onRecord: () => {
          abort.abort();
        },
      }),
    ).rejects.toMatchObject({ name: 'Cancelled' });
    const other = new FakeBackend('base');
    other.answerer = {
      checkpointId: 'base',
      revision: 'r2',
      stage: 'sft',
      dtype: 'q4',
      device: 'wasm',
    };
    await expect(set(store, [other, new FakeBackend('sft')]).run()).rejects.toThrow(/r1.*r2/);
    expect(store.records.size).toBe(1);
  });

  test('a checkpoint that is not in the table, and another tab at work, are said', async () => {
    const store = new MemoryStore((await plan()).newRun);
    await expect(set(store, [new FakeBackend('sft')]).run()).rejects.toMatchObject({
      name: 'CheckpointMissing',
    });
    const { ports } = set(store);
    const busy = { ...ports, exclusively: () => Promise.resolve(false) };
    const calls = {
      preference: 'auto' as const,
      signal: new AbortController().signal,
      onProgress: () => undefined,
      onRecord: () => undefined,
    };
    await expect(runSet('run', busy, calls)).rejects.toThrow(/Another tab/);
  });

  test('tells which item is in work and how far it is', async () => {
    const store = new MemoryStore((await plan()).newRun);
    const { run, progress } = set(store);
    await run();
    const answering = progress.filter((one) => one.phase === 'answering');
    // K, the second seed, and four wrong images with four samples each.
    expect(answering.every(({ samplesOfItem }) => samplesOfItem === 24)).toBe(true);
    expect(answering.filter(({ samples }) => samples === 24)).toHaveLength(12);
    expect(answering.at(-1)).toMatchObject({ checkpointId: 'sft', done: 11 });
    expect(progress.filter(({ phase }) => phase === 'loading').length).toBeGreaterThan(0);
  });
});

describe('a run of several items at a time', () => {
  /** Backends that answer later, so that items are in work together, and the most that were. */
  function slow(store: MemoryStore, itemsAtOnce: number) {
    const backends = [new FakeBackend('base'), new FakeBackend('sft')];
    const seen = { most: 0, open: 0 };
    for (const backend of backends) {
      backend.itemsAtOnce = itemsAtOnce;
      const answer = backend.answer.bind(backend);
      backend.answer = async (asked, calls) => {
        seen.open += 1;
        seen.most = Math.max(seen.most, seen.open);
        await new Promise((resolve) => setTimeout(resolve, 1));
        return answer(asked, calls).finally(() => (seen.open -= 1));
      };
    }
    return { ...set(store, backends), seen };
  }

  test('has the records of one after the other, and loads once', async () => {
    const whole = new MemoryStore((await plan()).newRun);
    await set(whole).run();
    const store = new MemoryStore((await plan()).newRun);
    const { run, seen, backends, progress } = slow(store, 4);
    const puts: string[] = [];
    await run({ onRecord: (_, { checkpointId, place }) => puts.push(`${checkpointId} ${place}`) });
    expect(seen.most).toBe(4);
    expect(timeless(store.records)).toEqual(timeless(whole.records));
    expect(puts).toHaveLength(12);
    expect(new Set(puts).size).toBe(12);
    expect(backends.map(({ loads }) => loads)).toEqual([1, 1]);
    const answering = progress.filter((one) => one.phase === 'answering');
    expect(answering.some(({ items, samplesOfItem }) => items === 4 && samplesOfItem === 96)).toBe(
      true,
    );
    expect(answering.every(({ samples, samplesOfItem }) => samples <= samplesOfItem)).toBe(true);
  });

  test('one failure ends all of them, what was whole stays, and resume has the rest', async () => {
    const whole = new MemoryStore((await plan()).newRun);
    await set(whole).run();
    const store = new MemoryStore((await plan()).newRun);
    const { run, backends, seen } = slow(store, 3);
    let halves = 0;
    for (const backend of backends) {
      backend.onHalf = () => {
        halves += 1;
        if (halves === 25) backend.answerError = new NamedError('NetworkFailed', 'gone');
      };
    }
    await expect(run()).rejects.toMatchObject({ name: 'NetworkFailed' });
    expect(seen.open).toBe(0);
    const kept = store.records.size;
    expect(kept).toBeGreaterThan(0);
    expect((await store.run('run'))?.done).toBe(kept);
    await run();
    expect(timeless(store.records)).toEqual(timeless(whole.records));
    expect((await store.run('run'))?.done).toBe(12);
  });

  test('a pause ends all of them', async () => {
    const store = new MemoryStore((await plan()).newRun);
    const { run, seen } = slow(store, 3);
    const abort = new AbortController();
    const stopped = run({
      signal: abort.signal,
      onRecord: () => {
        abort.abort();
      },
    });
    await expect(stopped).rejects.toMatchObject({ name: 'Cancelled' });
    expect(seen.open).toBe(0);
    expect(store.records.size).toBeLessThanOrEqual(3);
  });

  test('a death under several is one reload', async () => {
    const store = new MemoryStore((await plan()).newRun);
    const { run, backends } = slow(store, 3);
    const [base] = backends;
    if (!base) throw new Error('There is a first backend.');
    base.answerError = new NamedError('WorkerDied', 'died');
    await run();
    expect(base.loads).toBe(2);
    expect(store.records.size).toBe(12);
  });
});
