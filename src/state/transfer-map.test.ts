import { beforeEach, describe, expect, test } from 'vitest';
import { DirectFigures } from '../../test/support/direct-figures.ts';
import { evaluationState, planned, REQUEST } from '../../test/support/evaluation-state.ts';
import { MemoryStore } from '../../test/support/memory-store.ts';
import { figuresOf, randomOf, simulatedRecord } from '../core/sets/set-fixture.ts';
import type { Stage } from '../core/types.ts';
import { CompareBoard } from './compare-board.svelte.ts';
import { ComparedPairs, RunComparison, type ComparisonStep } from './comparison.svelte.ts';
import { CooledParent } from './cooled-parent.svelte.ts';
import { PublishedFigures } from './published.svelte.ts';
import { RunShelf } from './run-shelf.svelte.ts';
import { TransferMap } from './transfer-map.svelte.ts';

const TABLE = [
  { id: 'base', parent: null, rlOn: [] },
  { id: 'sft', parent: 'base', rlOn: [] },
  { id: 'rl', parent: 'sft', rlOn: ['bloodmnist', 'pathmnist'] },
  { id: 'base-rl', parent: 'base', rlOn: ['bloodmnist', 'pathmnist'] },
  { id: 'rl-one', parent: 'sft', rlOn: ['pathmnist'] },
];
const STAGES: Readonly<Record<string, Stage>> = {
  ...{ base: 'base', sft: 'sft', rl: 'rl', 'base-rl': 'rl', 'rl-one': 'rl', own: 'rl' },
};

/** A stored run of two items that these checkpoints have answered. */
async function stored(runId: string, checkpointIds: readonly string[], store: MemoryStore) {
  const plan = await planned(runId, { settings: { ...REQUEST.settings, checkpointIds } });
  await store.create(plan);
  const random = randomOf(5);
  for (const checkpointId of checkpointIds) {
    for (const [place, dataset] of ['bloodmnist', 'pathmnist'].entries()) {
      const made = simulatedRecord(
        { id: place, dataset, probabilities: [0.5, 0.5], rightOptions: [0], n: 4 },
        random,
      );
      const stage = STAGES[checkpointId] ?? 'other';
      const answerer = { ...made.answerer, checkpointId, stage };
      await store.put({ runId, checkpointId, place }, made, figuresOf(made), answerer);
    }
  }
}

let figures: DirectFigures;
let store: MemoryStore;
let board: CompareBoard;

beforeEach(async () => {
  figures = new DirectFigures();
  store = new MemoryStore();
  await stored('whole', ['base', 'sft', 'rl', 'base-rl', 'rl-one'], store);
  await stored('one', ['sft', 'rl'], store);
  const shelf = new RunShelf(() => Promise.resolve(store), null);
  await shelf.open();
  const comparison = new RunComparison(shelf, new ComparedPairs(shelf, figures));
  const transfer = new TransferMap(comparison, new ComparedPairs(shelf, figures), () => TABLE);
  const cooled = new CooledParent(shelf, evaluationState(store).job, {
    figures,
    hasCheckpoint: () => true,
    makeId: () => 'cooled',
    now: () => '2026-11-27T00:00:00.000Z',
  });
  board = new CompareBoard(
    comparison,
    transfer,
    new PublishedFigures(),
    shelf,
    cooled,
    () => TABLE,
  );
});

const side = (checkpointId: string, runId = 'whole') => ({ runId, checkpointId });
const named = ({ parent, child }: ComparisonStep): string =>
  `${parent.checkpointId} → ${child.checkpointId}`;
const rowsOf = () => board.transfer.rows.map(({ step, rlOn }) => [named(step), rlOn]);

describe('rows of the transfer map', () => {
  test('are the compared steps whose child is RL from that parent', async () => {
    await board.comparison.compare(['base', 'sft', 'rl', 'rl-one'].map((id) => side(id)));
    expect(rowsOf()).toEqual([['sft → rl', ['bloodmnist', 'pathmnist']]]);
    expect(board.transfer.leftOut.map(named)).toEqual(['rl → rl-one']);
    expect(board.comparison.steps.map((step) => board.descentOf(step))).toEqual([
      ...['step', 'step', 'none'],
    ]);
    // RL after two stages is not what RL alone did.
    await board.comparison.compare([side('base'), side('rl')]);
    expect(rowsOf()).toEqual([]);
    expect(board.transfer.leftOut.map(named)).toEqual(['base → rl']);
  });

  test('a checkpoint that the table does not know is taken as it was put, its sets unknown', async () => {
    await stored('mine', ['sft', 'own'], store);
    await board.shelf.open();
    await board.comparison.compare([side('sft', 'mine'), side('own', 'mine')]);
    expect(rowsOf()).toEqual([['sft → own', null]]);
  });

  test('all RL checkpoints of a run: each against its parent, what is compared already only once', async () => {
    expect(board.transfer.offers.map(({ run }) => run.id)).toEqual(['whole']);
    await board.comparison.compare([side('sft'), side('rl-one')]);
    await board.transfer.show('whole');
    expect(rowsOf().map(([name]) => name)).toEqual(['sft → rl-one', 'sft → rl', 'base → base-rl']);
    expect(board.transfer.rows.every(({ step }) => step.comparison?.pairs === 2)).toBe(true);
    // The lineage is untouched by it.
    expect(board.comparison.steps.map(named)).toEqual(['sft → rl-one']);
    await board.transfer.show(null);
    expect(rowsOf().map(([name]) => name)).toEqual(['sft → rl-one']);
  });

  test('are gone with their run', async () => {
    await board.transfer.show('whole');
    expect(rowsOf()).toHaveLength(3);
    await store.delete('whole');
    await board.shelf.open();
    expect(board.transfer.run).toBeNull();
    expect(rowsOf()).toEqual([]);
  });
});

describe('Compare as an address', () => {
  test('brings map, measure and published curves back', async () => {
    const link =
      '#/compare?side=whole:sft&side=whole:rl&rl=whole&map=support&published=7B:slake_closed';
    await board.follow(link);
    expect(board.link).toBe(link);
    expect(board.transfer.measure).toBe('support');
    expect(board.published.setTitle).toContain('SLAKE');
    expect(rowsOf()).toHaveLength(3);
    const jobs = figures.jobs.length;
    await board.follow(link);
    expect(figures.jobs).toHaveLength(jobs);
  });

  test('forgets a run that is not here', async () => {
    await board.follow('#/compare?side=gone:sft&rl=gone');
    expect(board.link).toBe('#/compare');
  });

  test('a run that goes on is behind, also where only the map shows it', async () => {
    await board.transfer.show('whole');
    expect(board.isBehind).toBe(false);
    const run = board.shelf.find('whole');
    if (run) board.shelf.update({ ...run, done: run.done + 1 });
    expect(board.isBehind).toBe(true);
    await board.again();
    expect(board.isBehind).toBe(false);
    expect(rowsOf()).toHaveLength(3);
  });
});
