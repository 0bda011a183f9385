import { expect, test } from 'vitest';
import { FakeBackend } from '../../test/support/fake-backend.ts';
import { probeImages } from '../../test/support/probe-images.ts';
import type { ProbeImages } from '../evaluation/probe-images.ts';
import { NamedError } from '../protocol/errors.ts';
import { CheckpointChoice } from './checkpoint-choice.svelte.ts';
import type { ProbeLibrary } from '../evaluation/probe-library.ts';
import { ProbePlan } from './probe-plan.svelte.ts';

const FILE = new File(['x'], 'octmnist.npz');

function bench(opened: ProbeLibrary['openFile'] = () => Promise.resolve(probeImages('octmnist'))) {
  const checkpoints = new CheckpointChoice(
    [new FakeBackend('base'), new FakeBackend('sft')],
    ['sft'],
  );
  let asked = 0;
  const plan = new ProbePlan(
    {
      shipped: () => {
        asked += 1;
        if (asked === 1 && opened === failing)
          return Promise.reject(new NamedError('NetworkFailed', 'No.'));
        return Promise.resolve(
          (['bloodmnist', 'breastmnist'] as const).map((dataset) => ({
            dataset,
            counts: { train: 240, val: 80, test: 160 },
            sizeBytes: 1,
            open: () => Promise.resolve(probeImages(dataset)),
          })),
        );
      },
      openFile: opened,
    },
    checkpoints,
    ['base', 'sft'],
  );
  return { plan, checkpoints };
}
const failing = (): Promise<ProbeImages> =>
  Promise.reject(new NamedError('NpzInvalid', 'train_labels is missing.'));

const setsOf = (plan: ProbePlan): readonly string[] =>
  plan.chosenSources.map(({ dataset }) => dataset);

test('at first all that ships and all that is built in', async () => {
  const { plan, checkpoints } = bench();
  await plan.look();
  expect(setsOf(plan)).toEqual(['bloodmnist', 'breastmnist']);
  expect(plan.chosen.map(({ id }) => id)).toEqual(['base', 'sft']);
  expect(plan.problems).toEqual([]);
  checkpoints.add(new FakeBackend('mine'));
  expect(plan.candidates.map(({ id }) => id)).toEqual(['base', 'sft', 'mine']);
  expect(plan.chosen.map(({ id }) => id)).toEqual(['base', 'sft']);
});

test('nothing chosen, and numbers out of range, are named at their field', async () => {
  const { plan } = bench();
  await plan.look();
  for (const set of ['bloodmnist', 'breastmnist'] as const) plan.toggleSet(set);
  for (const id of ['base', 'sft']) plan.toggleCheckpoint(id);
  plan.changeLinear({ epochs: 0, learningRate: NaN });
  plan.setNeighbours(0.5);
  plan.changeSizes({ train: 1, val: -1, test: 1e9 });
  expect(plan.problems.map(({ field }) => field)).toEqual([
    'sets',
    'checkpoints',
    'learningRate',
    'epochs',
    'neighbours',
    'train',
    'val',
    'test',
  ]);
});

test('a file joins the sets and is chosen; closed, it is gone', async () => {
  const { plan } = bench();
  await plan.look();
  plan.toggleSet('bloodmnist');
  await plan.addFiles([FILE]);
  expect(setsOf(plan)).toEqual(['breastmnist', 'octmnist']);
  expect(plan.sources.at(-1)?.counts).toEqual({ train: 12, val: 12, test: 12 });
  plan.changeSizes({ train: 5, val: 0 });
  expect(plan.sources.at(-1)?.counts).toEqual({ train: 5, val: 0, test: 12 });
  plan.closeFile('octmnist');
  expect(setsOf(plan)).toEqual(['breastmnist']);
  expect(plan.sources.map(({ dataset }) => dataset)).toEqual(['bloodmnist', 'breastmnist']);
});

test('a file of a set that ships takes its place, and gives it back', async () => {
  const { plan } = bench(() => Promise.resolve(probeImages('bloodmnist', 10)));
  await plan.look();
  await plan.addFiles([FILE]);
  expect(plan.sources[0]).toMatchObject({ dataset: 'bloodmnist', counts: { train: 10 } });
  plan.closeFile('bloodmnist');
  expect(plan.sources[0]).toMatchObject({ file: null, counts: { train: 240 } });
});

test('progress that comes after the reply does not say that a file is being read', async () => {
  let late: () => void = () => undefined;
  const { plan } = bench((_, { onEvent }) => {
    late = () => {
      onEvent({ jobId: '', readBytes: 1, totalBytes: 1 });
    };
    late();
    return Promise.resolve(probeImages('octmnist'));
  });
  await plan.look();
  const reading = plan.addFiles([FILE]);
  expect(plan.reading).toBe('octmnist.npz, 100 %');
  expect(plan.problems.map(({ field }) => field)).toEqual(['files']);
  await reading;
  late();
  expect(plan.reading).toBeNull();
  expect(plan.problems).toEqual([]);
});

test('a bad file is named, and what was chosen stays', async () => {
  const { plan } = bench(failing);
  await plan.look();
  expect(plan.error?.name).toBe('NetworkFailed');
  await plan.look();
  expect(plan.error).toBeNull();
  await plan.addFiles([FILE]);
  expect(plan.error?.message).toBe('train_labels is missing.');
  expect(plan.reading).toBeNull();
  expect(setsOf(plan)).toEqual(['bloodmnist', 'breastmnist']);
  const chest = bench(() => Promise.resolve(probeImages('chestmnist')));
  await chest.plan.addFiles([FILE]);
  expect(chest.plan.error?.message).toMatch(/several findings/);
});
