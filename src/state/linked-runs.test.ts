import { expect, test } from 'vitest';
import type { RecordedSetFacts } from '../storage/recorded-set.ts';
import type { StoredRun } from '../storage/stored-run.ts';
import { linkedRunIds } from './linked-run-ids.ts';
import { LinkedRuns } from './linked-runs.svelte.ts';

const FACTS = { runId: 'recorded' } as RecordedSetFacts;

/** A page that keeps `stored`, and can fetch the recorded run unless it is told not to. */
function page(stored: string[], { canFetch = true, canRead = true } = {}) {
  let fetched = 0;
  const shelf = {
    isOpen: false,
    open: () => {
      shelf.isOpen = canRead;
      return Promise.resolve();
    },
    find: (id: string) => (stored.includes(id) ? ({ id } as StoredRun) : undefined),
  };
  const recorded = {
    facts: FACTS,
    look: () => Promise.resolve(),
    open: () => {
      fetched += 1;
      if (canFetch) stored.push(FACTS.runId);
      return Promise.resolve(canFetch ? FACTS.runId : null);
    },
  };
  return { linked: new LinkedRuns(shelf, recorded), fetched: () => fetched };
}

test('runs are read off the address of every screen that shows any, each once', () => {
  expect(linkedRunIds('#/compare?side=a:x&side=b:y&side=a:z&rl=c')).toEqual(['a', 'b', 'c']);
  expect(linkedRunIds('#/evaluate?run=a&device=wasm')).toEqual(['a']);
  expect(linkedRunIds('#/recipe?run=a&tau=0.5')).toEqual(['a']);
  expect(linkedRunIds('#/probe?set=bloodmnist&run=a')).toEqual(['a']);
  for (const hash of ['', '#/explore?run=1', '#/models?look=a/b', '#/compare', '#/recipe?run=']) {
    expect(linkedRunIds(hash)).toEqual([]);
  }
});

test('the recorded run comes for an address that names it, others are named', async () => {
  const { linked, fetched } = page(['here']);
  await linked.settle('#/compare?side=here:x&side=recorded:y&side=gone:y');
  expect(fetched()).toBe(1);
  expect(linked.missing).toEqual(['gone']);
  await linked.settle('#/compare?side=here:x&side=recorded:y');
  expect(fetched()).toBe(1);
  expect(linked.missing).toEqual([]);
});

test('nothing is fetched for an address without it, and one that does not come is named', async () => {
  const { linked, fetched } = page(['here'], { canFetch: false });
  await linked.settle('#/recipe?run=here');
  await linked.settle('#/recipe?tau=0.5');
  expect(fetched()).toBe(0);
  await linked.settle('#/recipe?run=recorded');
  expect(linked.missing).toEqual(['recorded']);
});

test('where the list cannot be read no run is said to be missing', async () => {
  const { linked } = page([], { canRead: false });
  await linked.settle('#/evaluate?run=gone');
  expect(linked.missing).toEqual([]);
});
