/** What files mean for the rest of Evaluate: what is listed, what is opened, what cannot be saved yet. */

import { expect, test, vi } from 'vitest';
import { evaluationState, planned, REQUEST } from '../../test/support/evaluation-state.ts';
import { MemoryStore } from '../../test/support/memory-store.ts';
import type { FiguresOfCheckpoint } from '../storage/figures-csv.ts';
import type { EvaluationDraft } from './evaluation-draft.svelte.ts';
import type { EvaluationProbe } from './evaluation-probe.svelte.ts';
import { Evaluation } from './evaluation.svelte.ts';
import { ResultChoice } from './result-choice.svelte.ts';
import type { RunTransfer } from './run-transfer.svelte.ts';

/** @param transfer what of it is asked */
function evaluationWith(transfer: object, store = new MemoryStore()) {
  const state = evaluationState(store);
  const evaluation = new Evaluation(
    {} as EvaluationDraft,
    {} as EvaluationProbe,
    state.job,
    state.shelf,
    state.results,
    new ResultChoice(state.results),
    { refusal: null, imported: null, ...transfer } as unknown as RunTransfer,
  );
  return { ...state, evaluation };
}

test('what was imported is listed and opened; another run that was opened meanwhile stays', async () => {
  const plans = [await planned('a'), await planned('bb')] as const;
  const store = new MemoryStore(plans[0]);
  let meanwhile = (): Promise<void> => Promise.resolve();
  const { evaluation, shelf, results } = evaluationWith(
    {
      imported: { kind: 'imported', report: { run: plans[1].run } },
      open: async () => {
        await store.create(plans[1]);
        await meanwhile();
        return true;
      },
    },
    store,
  );
  await shelf.open();
  await evaluation.import([]);
  expect(shelf.runs.map(({ id }) => id)).toEqual(['bb', 'a']);
  expect(results.runId).toBe('bb');
  evaluation.close();
  meanwhile = () => evaluation.open('a');
  await evaluation.import([]);
  expect(results.runId).toBe('a');
});

test('where nothing was read nothing is opened; what a stop left of the open run is shown', async () => {
  const store = new MemoryStore(await planned('a'));
  let mayHaveChanged = false;
  const { evaluation, shelf, results } = evaluationWith(
    { imported: { kind: 'stopped' }, confirm: () => Promise.resolve(mayHaveChanged) },
    store,
  );
  await shelf.open();
  await evaluation.open('a');
  await store.rename('a', 'other');
  await evaluation.importAsked();
  expect(results.run?.name).toBe('two sets');
  mayHaveChanged = true;
  await evaluation.importAsked();
  expect(results.run?.name).toBe('other');
});

test('figures are saved once their intervals are drawn, of every checkpoint with its items', async () => {
  const saved: FiguresOfCheckpoint[][] = [];
  const { evaluation, job, later, results } = evaluationWith({
    export: (_run: unknown, _format: unknown, figures: FiguresOfCheckpoint[]) => {
      saved.push(figures);
      return Promise.resolve();
    },
  });
  const whileBusy: (string | null)[] = [];
  const follow = results.follow.bind(results);
  results.follow = (entry) => {
    whileBusy.push(evaluation.exportRefusal('figures'), evaluation.exportRefusal('jsonl'));
    follow(entry);
  };
  let opened: Promise<void> = Promise.resolve();
  const running = job.start(REQUEST, 'wasm', (id) => {
    opened = evaluation.open(id);
  });
  await opened;
  await running;
  expect(whileBusy.slice(-2)).toEqual([expect.stringContaining('the run goes on'), null]);

  // The last records are stored, but not taken over yet.
  expect(results.isComputing).toBe(false);
  expect(results.behind).toBeGreaterThan(0);
  expect(evaluation.exportRefusal('figures')).toContain('still being drawn');
  await evaluation.open('run 1');
  expect(results.isComputing).toBe(true);
  expect(evaluation.exportRefusal('figures')).toContain('still being drawn');
  expect(evaluation.exportRefusal('items')).toBeNull();
  await evaluation.export('figures');
  expect(saved).toEqual([]);
  await vi.waitFor(() => {
    later.run();
    expect(evaluation.exportRefusal('figures')).toBeNull();
  });
  await evaluation.export('figures');
  expect(saved[0]?.map(({ checkpointId, items }) => [checkpointId, items.length])).toEqual([
    ['base', 4],
    ['sft', 4],
  ]);
  expect(saved[0]?.[1]?.figures).toBe(results.figures[1]?.figures);
});

test('while a file is in work nothing else is saved; a run without a record has only its plan', async () => {
  const store = new MemoryStore(await planned('a'));
  const { evaluation, shelf } = evaluationWith({}, store);
  await shelf.open();
  await evaluation.open('a');
  expect(
    (['jsonl', 'parquet', 'figures', 'items'] as const).map((format) =>
      evaluation.exportRefusal(format),
    ),
  ).toEqual([null, ...Array.from({ length: 3 }, () => 'No item is finished yet.')]);
  const busy = evaluationWith({ refusal: 'Another.' }, store).evaluation;
  expect(busy.exportRefusal('jsonl')).toBe('Another.');
});
