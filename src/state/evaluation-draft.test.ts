import { expect, test } from 'vitest';
import { setOf } from '../../test/support/evaluation-sets.ts';
import { FakeBackend } from '../../test/support/fake-backend.ts';
import { CheckpointChoice } from './checkpoint-choice.svelte.ts';
import { EvaluationDraft, type SetGallery } from './evaluation-draft.svelte.ts';
import { EvaluationProbe } from './evaluation-probe.svelte.ts';

type Dataset = 'bloodmnist' | 'pathmnist';
const collection = (id: string, dataset: Dataset) => ({
  ...setOf(dataset),
  id,
  name: dataset,
  modality: 'microscope',
});

/** A gallery with two sets; a file brings another one. */
class FakeGallery implements SetGallery {
  labelled = [collection('bloodmnist', 'bloodmnist'), collection('pathmnist', 'pathmnist')];
  opened: string[] = [];
  ambiguous = null;
  reading = null;
  notice = '';
  error = null;
  addFiles = (files: readonly File[]): Promise<boolean> => {
    for (const { name } of files) {
      this.opened.push(name);
      const id = `file/${name}`;
      this.labelled = [...this.labelled, collection(id, 'bloodmnist')];
    }
    return Promise.resolve(false);
  };
  settle = (dataset: string): Promise<void> => {
    this.labelled = [...this.labelled, collection('file/settled', dataset as Dataset)];
    return Promise.resolve();
  };
  stopReading = (): void => undefined;
}

function make() {
  const gallery = new FakeGallery();
  const backends = [new FakeBackend('base'), new FakeBackend('sft')] as const;
  const checkpoints = new CheckpointChoice(backends, ['sft']);
  return { gallery, backends, checkpoints, draft: new EvaluationDraft(gallery, checkpoints) };
}

test('begins with all sets of the page and the chosen checkpoint, and knows the cost', () => {
  const { draft } = make();
  expect(draft.problems).toEqual([]);
  expect(draft.checkpointIds).toEqual(['sft']);
  draft.toggleCheckpoint('base');
  draft.setItemsPerSet(3);
  draft.sampler.change({ k: 8 });
  // Two sets, two checkpoints; 8 + 8 and four wrong images of four.
  expect(draft.cost).toEqual({ items: 6, records: 12, samples: 12 * (16 + 16) });
  draft.setNulls(false);
  expect(draft.cost.samples).toBe(12 * 8);
  draft.setItemsPerSet(1000);
  expect(draft.cost.items).toBe(16 + 18);
  expect(draft.request()).toMatchObject({
    name: 'base, sft on 2 sets, K = 8',
    itemsPerSet: 1000,
    settings: { checkpointIds: ['base', 'sft'], hint: null, nulls: false },
  });
});

test('what is missing is said at its field, and nothing can be asked', () => {
  const { draft } = make();
  draft.toggleSet('bloodmnist');
  draft.toggleSet('pathmnist');
  draft.toggleCheckpoint('sft');
  draft.setItemsPerSet(1.5);
  draft.setMode('hinted');
  draft.sampler.change({ topP: 0 });
  expect(draft.problems.map(({ field }) => field)).toEqual([
    'sets',
    'checkpoints',
    'itemsPerSet',
    'hint',
    'topP',
  ]);
  expect(draft.request()).toBeNull();
});

test('a file’s set is chosen, in place of the same set of the page', async () => {
  const { draft, gallery } = make();
  await draft.addFiles([new File([], 'bloodmnist_64.npz'), new File([], 'cat.png')]);
  expect(gallery.opened).toEqual(['bloodmnist_64.npz']);
  expect(draft.fileNotice).toContain('.npz');
  expect(draft.sets.map(({ id }) => id)).toEqual(['pathmnist', 'file/bloodmnist_64.npz']);
  draft.toggleSet('bloodmnist');
  expect(draft.sets.map(({ id }) => id)).toEqual(['bloodmnist', 'pathmnist']);
  await draft.settle('pathmnist');
  expect(draft.sets.map(({ id }) => id)).toEqual(['bloodmnist', 'file/settled']);
});

test('the hint is asked for in hinted mode only, and a name is trimmed', () => {
  const { draft } = make();
  draft.setHint('look at the nucleus');
  draft.setName('  mine ');
  expect(draft.request()).toMatchObject({ name: 'mine', settings: { hint: null } });
  draft.setMode('hinted');
  expect(draft.request()?.settings.hint).toBe('look at the nucleus');
});

test('a measurement holds while it tells something, and gives the checkpoints back', async () => {
  const { draft, checkpoints, backends } = make();
  let now = 0;
  const probe = new EvaluationProbe(draft, checkpoints, () => (now += 100));
  expect(probe.estimate).toBeNull();
  backends[1].onHalf = () => {
    expect(checkpoints.holder).toBe('evaluate');
    expect(probe.isBusy).toBe(true);
  };
  await probe.measure('wasm');
  expect(checkpoints.holder).toBeNull();
  expect(probe.report?.checkpointId).toBe('sft');
  const before = probe.estimate?.seconds ?? 0;
  expect(before).toBeCloseTo(20 * 0.1);
  // Half the items take half the time, whatever the seed; another K has to be measured.
  draft.setItemsPerSet(5);
  draft.sampler.change({ seed: 9 });
  expect(probe.estimate?.seconds).toBeCloseTo(before / 2);
  draft.sampler.change({ k: 32 });
  expect(probe.estimate).toBeNull();
});

test('a measurement that is stopped or has to wait leaves no trace', async () => {
  const { draft, checkpoints, backends } = make();
  const probe = new EvaluationProbe(draft, checkpoints, () => 0);
  checkpoints.take('explore');
  await probe.measure('wasm');
  expect(backends[1].requests).toEqual([]);
  expect(checkpoints.holder).toBe('explore');
  checkpoints.release();
  backends[1].onHalf = () => {
    probe.stop();
  };
  await probe.measure('wasm');
  expect(probe).toMatchObject({ isBusy: false, error: null, report: null });
  backends[1].onHalf = () => undefined;
  backends[1].answerError = new Error('broke');
  await probe.measure('wasm');
  expect(probe.error?.message).toContain('broke');
  expect(checkpoints.holder).toBeNull();
});
