import { expect, test } from 'vitest';
import type { AddedFiles, AddedServed } from '../storage/added-checkpoints.ts';
import {
  contentKey,
  freeId,
  hasOwnTerms,
  licenseWords,
  rowOf,
  withoutCircles,
} from './added-rows.ts';

const entry = (id: string, parent: string | null = null): AddedFiles => ({
  id,
  stage: 'rl',
  parent,
  dtype: 'q4',
  license: 'mit',
  manifest: { revision: 'abcdef0123', files: [] },
  origin: { kind: 'hub', endpoint: 'https://hub.test/', repository: 'owner/name' },
});

test('a name is short, free, and fit for an address', () => {
  expect(freeId('owner/Name-1.5', 'q4', [])).toBe('Name-1.5');
  expect(freeId('my model, new', 'q4', [])).toBe('my-model-new');
  expect(freeId('', 'q4', [])).toBe('checkpoint');
  expect(freeId('a/b', 'q4', ['b', 'b-q4', 'b-q4-2'])).toBe('b-q4-3');
});

test('a row says where it is from; which sets its RL saw is not known', () => {
  expect(rowOf(entry('x', 'y'))).toMatchObject({
    id: 'x',
    parent: 'y',
    rlOn: null,
    trainedOn: null,
    cardUrl: 'https://hub.test/owner/name',
    dtype: { vision_encoder: 'q4', embed_tokens: 'q4', decoder_model_merged: 'q4' },
  });
  expect(rowOf({ ...entry('x'), stage: 'sft' }).rlOn).toEqual([]);
  const folder = rowOf({ ...entry('x'), origin: { kind: 'folder', folder: 'mine' } });
  expect(folder.cardUrl).toBeNull();
  expect(folder.about).toContain('mine');
});

test('a row that servers answer for says where its images go', () => {
  const served: AddedServed = {
    ...{ id: 'x', stage: 'rl', parent: null },
    origin: {
      kind: 'server',
      servers: ['http://one:8000/v1/', 'https://two/v1/'],
      model: 'a/b',
      concurrency: 'auto',
    },
  };
  expect(rowOf(served)).toMatchObject({ servedBy: ['one:8000', 'two'], dtype: {}, cardUrl: null });
  expect(rowOf(entry('x')).servedBy).toBeUndefined();
  expect(contentKey(served)).toBe(
    contentKey({ ...served, origin: { ...served.origin, concurrency: 4 } }),
  );
  expect(contentKey(served)).not.toBe(
    contentKey({ ...served, origin: { ...served.origin, model: 'a/c' } }),
  );
});

test('licences in words, and whether they are more than usual', () => {
  expect(licenseWords(null, null)).toBe('not stated');
  expect(licenseWords(null, 'as listed')).toBe('as listed');
  expect(licenseWords({ id: 'other', name: 'hai-def', address: null }, 'x')).toBe('hai-def');
  expect(hasOwnTerms({ id: 'mit', name: null, address: null }, false)).toBe(false);
  expect(hasOwnTerms(null, true)).toBe(true);
});

test('circles in what was stored are cut; a parent that comes later is none', () => {
  const list = withoutCircles([entry('a', 'b'), entry('b', 'a'), entry('c', 'c')], []);
  expect(list.map(({ id, parent }) => [id, parent])).toEqual([
    ['a', null],
    ['b', 'a'],
    ['c', null],
  ]);
  const fine = [entry('a', 'b'), entry('b', 'base')];
  expect(withoutCircles(fine, [{ id: 'base', parent: null }])).toEqual(fine);
});
