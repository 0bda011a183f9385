/** Sixteen shards over the real runner, two of them stopped half-way and run again, merged: the unsharded run. */

import { expect, test } from 'vitest';
import { setOf } from '../../test/support/evaluation-sets.ts';
import { MemoryStore } from '../../test/support/memory-store.ts';
import { mergedText, mergeFile, timelessText } from '../../test/support/merge-files.ts';
import { ToyBackend } from '../../test/support/toy-backend.ts';
import type { BackendCalls } from '../backend/answer-backend.ts';
import { SAMPLER } from '../core/record-fixture.ts';
import type { Shard } from '../core/sets/shard.ts';
import { totalOf } from '../core/sets/total-records.ts';
import { sha256Hex } from '../core/sha256.ts';
import type { AnswerEvent, AnswerReply, AnswerRequest } from '../protocol/vlm.ts';
import { exportRun } from '../storage/export-run.ts';
import { packRecord } from '../storage/packed-record.ts';
import { blobOf } from '../storage/pieces.ts';
import type { RecordPlace } from '../storage/stored-run.ts';
import { planRun, type EvaluationSet, type PlanRequest } from './plan-run.ts';
import { runSet } from './set-runner.ts';

const OF = 16;

/** With pixels and hashes that a file keeps. */
function hashedSet(dataset: 'bloodmnist' | 'pathmnist', mark: number): EvaluationSet {
  const set = setOf(dataset);
  return {
    ...set,
    open: async (id) => {
      const { source } = await set.open(id);
      const data = Uint8Array.of(Number(id), mark, 7);
      return {
        image: { width: 1, height: 1, data },
        source: { ...source, sha256: await sha256Hex(data) },
      };
    },
  };
}

const request: PlanRequest = {
  name: 'both sets',
  sets: [hashedSet('bloodmnist', 1), hashedSet('pathmnist', 2)],
  itemsPerSet: 18,
  kind: 'options',
  settings: {
    checkpointIds: ['base', 'sft'],
    promptMode: 'direct',
    hint: null,
    sampler: { ...SAMPLER, k: 4, maxNewTokens: 5 },
    nulls: true,
  },
};

/** Aborts in the middle of an item: what came of it until then must not count. */
class StoppedToy extends ToyBackend {
  constructor(
    id: string,
    private readonly onAsked: (request: number) => void,
  ) {
    super(id);
  }
  override async answer(
    asked: AnswerRequest,
    calls: BackendCalls<AnswerEvent>,
  ): Promise<AnswerReply> {
    const reply = await super.answer(asked, calls);
    this.onAsked(this.requests.length);
    return { ...reply, completed: !calls.signal.aborted };
  }
}

/** @param stopAfter requests to the second checkpoint; it is gone on with afterwards by others */
async function runOf(runId: string, shard?: Shard, stopAfter?: number) {
  const { newRun } = await planRun(
    { ...request, ...(shard && { shard }) },
    {
      runId,
      createdAt: `2026-11-26T00:00:${String(10 + (shard?.number ?? 0))}.000Z`,
      signal: new AbortController().signal,
      onProgress: () => undefined,
    },
  );
  const store = new MemoryStore(newRun);
  const work = async (stop?: number): Promise<void> => {
    const abort = new AbortController();
    const stopped = (count: number): void => {
      if (count === stop) abort.abort();
    };
    const backends = [new ToyBackend('base'), new StoppedToy('sft', stopped)];
    const find = (id: string) => backends.find(({ checkpoint }) => checkpoint.id === id);
    await runSet(
      runId,
      {
        store,
        backend: find,
        load: async (id, preference, signal) => {
          const loaded = await find(id)?.load(preference, { signal, onEvent: () => undefined });
          if (!loaded) throw new Error(`There is no ${id}.`);
          return loaded;
        },
        exclusively: async (_, alone) => {
          await alone();
          return true;
        },
      },
      {
        preference: 'auto',
        signal: abort.signal,
        onProgress: () => undefined,
        onRecord: () => undefined,
      },
    );
  };
  const source = {
    run: store.run,
    items: store.items,
    finished: store.finished,
    image: store.image,
    packedRecord: async (at: RecordPlace) => {
      const record = await store.record(at);
      return record && packRecord(record);
    },
  };
  const exported = async (): Promise<string> =>
    (await blobOf(exportRun(source, runId, { appVersion: '1' }), 'text/plain')).text();
  if (stopAfter !== undefined) {
    await expect(work(stopAfter)).rejects.toMatchObject({ name: 'Cancelled' });
  }
  const cut =
    stopAfter === undefined ? null : { text: await exported(), run: await store.run(runId) };
  await work();
  return { text: await exported(), run: await store.run(runId), cut };
}

test('sixteen shards, two stopped half-way and run again, are the unsharded run', async () => {
  const whole = await runOf('whole');
  const shards = await Promise.all(
    Array.from({ length: OF }, (_, at) => {
      const number = at + 1;
      // Several requests go to each item: these end within the second checkpoint's first and second item.
      const stopAfter = { 3: 1, 12: 8 }[number];
      return runOf(`shard ${String(number)}`, { number, of: OF }, stopAfter);
    }),
  );
  for (const { run, cut } of shards) {
    // 34 items: two shards have three of them, the others two.
    expect(run && [run.items, run.done - totalOf(run)]).toEqual([34, 0]);
    expect(cut?.run?.done ?? 0).toBeLessThan(run?.done ?? 0);
  }
  expect(shards.filter(({ cut }) => cut !== null)).toHaveLength(2);
  expect(shards.map(({ run }) => run?.done)).toEqual([6, 6, ...Array<number>(14).fill(4)]);

  const files = shards.map(({ text }, at) => mergeFile(`shard-${String(at + 1)}.jsonl`, text));
  const { report, text } = await mergedText(files);
  expect(report).toMatchObject({ done: 68, total: 68, missing: [], problems: [], repeated: 0 });
  expect(timelessText(text)).toBe(timelessText(whole.text));

  // The files of the stopped ones beside their whole ones: nothing twice.
  const cuts = shards.flatMap(({ cut }) => (cut ? [mergeFile('cut.jsonl', cut.text)] : []));
  const again = await mergedText([...cuts, ...files]);
  expect(again.report.repeated).toBeGreaterThan(0);
  expect(timelessText(again.text)).toBe(timelessText(whole.text));
});
