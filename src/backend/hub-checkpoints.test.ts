import { expect, test } from 'vitest';
import { HUB_ENDPOINT } from '../protocol/hub.ts';
import { HUB_CHECKPOINTS } from './hub-checkpoints.ts';
import { readReference } from './hub-repository.ts';

test('every row names a repository, once; terms that are no usual licence are to be read', () => {
  const names = HUB_CHECKPOINTS.map(({ repository }) => repository);
  expect(names).toContain('HuggingFaceTB/SmolVLM-256M-Instruct');
  expect(new Set(names).size).toBe(names.length);
  for (const { repository, license, hasTerms } of HUB_CHECKPOINTS) {
    expect(readReference(repository, HUB_ENDPOINT)).toEqual({ repository, revision: 'main' });
    expect(hasTerms, repository).toBe(license !== 'Apache-2.0');
  }
});
