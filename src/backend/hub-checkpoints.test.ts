import { expect, test } from 'vitest';
import { HUB_ENDPOINT } from '../protocol/hub.ts';
import { HUB_CHECKPOINTS } from './hub-checkpoints.ts';
import { repositoryName } from './hub-repository.ts';

test('every row names a repository, once; terms that are no usual licence are to be read', () => {
  const names = HUB_CHECKPOINTS.map(({ repository }) => repository);
  expect(new Set(names).size).toBe(names.length);
  for (const { repository, license, hasTerms } of HUB_CHECKPOINTS) {
    expect(repositoryName(repository, HUB_ENDPOINT)).toBe(repository);
    expect(hasTerms, repository).toBe(license !== 'Apache-2.0');
  }
});
