import { expect, test } from 'vitest';
import { setOf } from '../../test/support/evaluation-sets.ts';
import { FakeBackend } from '../../test/support/fake-backend.ts';
import { fakeDecode, imageFile, jsonlFile, vqaLine } from '../../test/support/vqa-files.ts';
import { CheckpointChoice } from './checkpoint-choice.svelte.ts';
import { EvaluationDraft } from './evaluation-draft.svelte.ts';
import { EvaluationProbe } from './evaluation-probe.svelte.ts';
import { SetDraft, type SetGallery } from './set-draft.svelte.ts';
import { VqaShelf } from './vqa-shelf.svelte.ts';

const labelled = (['bloodmnist', 'pathmnist'] as const).map((dataset) => ({
  ...setOf(dataset),
  id: dataset,
  name: dataset,
  modality: 'microscope',
}));
/** A gallery with two sets. */
const GALLERY: SetGallery = {
  labelled,
  addFiles: () => Promise.resolve(false),
  settle: () => Promise.resolve(),
  stopReading: () => undefined,
  ambiguous: null,
  reading: null,
  notice: '',
  error: null,
};

function make() {
  const backends = [new FakeBackend('base'), new FakeBackend('sft')] as const;
  const checkpoints = new CheckpointChoice(backends, ['sft']);
  const sets = new SetDraft(GALLERY, new VqaShelf({ decodeImage: fakeDecode }));
  return { sets, backends, checkpoints, draft: new EvaluationDraft(sets, checkpoints) };
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
  const { draft, sets } = make();
  sets.toggle('bloodmnist');
  sets.toggle('pathmnist');
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

test('a shard is a part of the plan: it costs its part, and a bad one is said', () => {
  const { draft } = make();
  draft.setItemsPerSet(5);
  draft.sampler.change({ k: 4 });
  draft.setNulls(false);
  draft.setShard('2/4');
  // Places 1, 5 and 9 of ten.
  expect(draft.cost).toEqual({ items: 3, records: 3, samples: 12 });
  expect(draft.request()).toMatchObject({ name: 'sft on 2 sets, K = 4', itemsPerSet: 5 });
  expect(draft.request()?.shard).toEqual({ number: 2, of: 4 });
  for (const [text, words] of [
    ['5/4', '“5/4” is no shard'],
    ['half', '“half” is no shard'],
    ['11/16', 'The plan has 10 items: none is left for shard 11 of 16.'],
  ] as const) {
    draft.setShard(text);
    expect(draft.problems).toMatchObject([{ field: 'shard' }]);
    expect(draft.problems[0]?.message).toContain(words);
    expect(draft.request()).toBeNull();
  }
  draft.setShard(null);
  expect(draft.cost.items).toBe(10);
  expect(draft.request()).not.toHaveProperty('shard');
});

test('items of each set hold for a VQA set too, and a broken rule is refused', async () => {
  const { draft, sets } = make();
  const lines = [0, 1, 2].map((index) => vqaLine(index));
  const images = [0, 1, 2].map((index) => imageFile(`images/${String(index)}.png`));
  await sets.addFiles([jsonlFile('slake.jsonl', ...lines), ...images]);
  draft.setItemsPerSet(2);
  expect(draft.cost.items).toBe(6);
  expect(draft.request()?.sets.map(({ dataset }) => dataset)).toContain('SLAKE');
  sets.vqa.setGrading('synonyms');
  expect(draft.problems).toMatchObject([{ field: 'grading' }]);
  expect(draft.request()).toBeNull();
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
