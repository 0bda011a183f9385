import { expect, test } from 'vitest';
import { sampleOf, servedSampleOf } from './record-fixture.ts';
import type { Sample } from './types.ts';
import { unstatedOf, unstatedSentence, unstatedWords } from './unstated.ts';

const bare = servedSampleOf('<answer>B</answer>', 1);
const LOG_PROBS = 'The server gives log-probabilities before the filters.';

function without(logProbs: string): Sample {
  const { served } = bare;
  if (!served) throw new Error('not served');
  const missing = { ...served.missing, tokens: null, logProbs };
  return { ...bare, served: { ...served, missing } };
}

test('of a sample it names what is missing, and nothing of one that a worker drew', () => {
  expect(unstatedWords(unstatedOf(bare))).toBe('tokens and log p not stated by the server');
  expect(unstatedWords(unstatedOf(without(LOG_PROBS)))).toBe('log p not stated by the server');
  expect(unstatedWords(unstatedOf(sampleOf('x')))).toBe('');
});

test('of many it gives every reason once, and how many it is about', () => {
  expect(unstatedSentence([sampleOf('x')])).toBe('');
  expect(unstatedSentence([bare, bare])).toBe(
    'Tokens and log p not stated by the server. The server states no tokens and no log-probabilities.',
  );
  expect(unstatedSentence([sampleOf('x'), without(LOG_PROBS)])).toBe(
    `Log p not stated by the server for 1 of 2 samples. ${LOG_PROBS}`,
  );
});
