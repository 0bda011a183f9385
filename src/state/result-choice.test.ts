import { expect, test } from 'vitest';
import { evaluationState, REQUEST } from '../../test/support/evaluation-state.ts';
import { ResultChoice } from './result-choice.svelte.ts';

test('shows all checkpoints until some are chosen, and one stays', async () => {
  const { results, job } = evaluationState();
  const choice = new ResultChoice(results);
  expect(choice.checkpointIds).toEqual([]);
  await job.start(REQUEST, 'wasm', () => undefined);
  await results.open('run 1');
  expect(choice.checkpointIds).toEqual(['base', 'sft']);
  expect(choice.judge).toBe('sft');
  choice.toggleCheckpoint('sft');
  expect(choice.checkpointIds).toEqual(['base']);
  expect(choice.judge).toBe('base');
  choice.toggleCheckpoint('base');
  expect(choice.checkpointIds).toEqual(['base']);
});

test('another order begins at the top; another run forgets what was of the first', async () => {
  const { results, job } = evaluationState();
  const choice = new ResultChoice(results);
  await job.start(REQUEST, 'wasm', () => undefined);
  await results.open('run 1');
  choice.beginRun('run 1');
  choice.scrollTop = 300;
  choice.setSort('easiest');
  expect(choice.scrollTop).toBe(0);
  choice.setScope('pathmnist');
  choice.setDifficulty('never');
  choice.toggleCheckpoint('base');
  choice.beginRun('run 1');
  expect(choice).toMatchObject({ scope: 'pathmnist', difficulty: 'never', checkpointIds: ['sft'] });
  choice.beginRun('run 2');
  expect(choice).toMatchObject({ scope: 'all', difficulty: 'any', sort: 'easiest' });
  expect(choice.checkpointIds).toEqual(['base', 'sft']);
});
