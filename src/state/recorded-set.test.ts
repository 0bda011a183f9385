import { expect, test } from 'vitest';
import { NamedError } from '../protocol/errors.ts';
import { RecordedSet, type RecordedSetPorts } from './recorded-set.svelte.ts';
import type { StoredRun } from '../storage/stored-run.ts';

const FACTS = {
  fileName: 'family.jsonl.gz',
  runId: 'recorded',
  name: 'family',
  items: 4,
  sets: 2,
  checkpointIds: ['base', 'rl'],
  k: 16,
  promptMode: 'think',
  sizeBytes: 1000,
};

function recordedSet(ports: Partial<RecordedSetPorts> = {}) {
  const stored: string[] = [];
  const shelf = {
    find: (id: string) => (stored.includes(id) ? ({ id } as StoredRun) : undefined),
  };
  const recorded = new RecordedSet(shelf, {
    facts: () => Promise.resolve(FACTS),
    file: () => Promise.resolve(new File(['{}'], 'family.jsonl')),
    import: () => {
      stored.push(FACTS.runId);
      return Promise.resolve();
    },
    ...ports,
  });
  return { recorded, stored };
}

test('says what there is before anything is fetched, and opens it', async () => {
  const { recorded } = recordedSet();
  expect(await recorded.open()).toBeNull();
  await recorded.look();
  expect(recorded.facts).toEqual(FACTS);
  expect(await recorded.open()).toBe('recorded');
  expect(recorded.isFetching).toBe(false);
});

test('where nothing ships there is nothing to offer, and the next look asks again', async () => {
  let asked = 0;
  const facts = () => {
    asked += 1;
    return Promise.reject(new NamedError('NetworkFailed', 'Not found.'));
  };
  const { recorded } = recordedSet({ facts });
  await recorded.look();
  await recorded.look();
  expect(asked).toBe(2);
  expect(recorded.facts).toBeNull();
  expect(recorded.error).toBeNull();
});

test('a file that does not come and one that cannot be imported are named', async () => {
  const { recorded } = recordedSet({
    file: () => Promise.reject(new NamedError('NetworkFailed', 'It did not arrive whole.')),
  });
  await recorded.look();
  expect(await recorded.open()).toBeNull();
  expect(recorded.error?.name).toBe('NetworkFailed');
  const full = recordedSet({
    import: () => Promise.reject(new NamedError('StorageFull', 'No room.')),
  });
  await full.recorded.look();
  expect(await full.recorded.open()).toBeNull();
  expect(full.recorded.error?.name).toBe('StorageFull');
});

test('a stop is no error', async () => {
  const { recorded } = recordedSet({
    file: (_, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(new NamedError('Cancelled', 'The download was stopped.'));
        });
      }),
  });
  await recorded.look();
  const opening = recorded.open();
  expect(recorded.isFetching).toBe(true);
  recorded.stop();
  expect(await opening).toBeNull();
  expect(recorded.error).toBeNull();
  expect(recorded.isFetching).toBe(false);
});
