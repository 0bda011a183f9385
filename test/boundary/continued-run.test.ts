/** A run whose K is raised, through the real session and the real sampler: the record of a fresh run. */

import { expect, test } from 'vitest';
import { recordOf, SAMPLER } from '../../src/core/record-fixture.ts';
import type { ItemRecord } from '../../src/core/types.ts';
import { CheckpointChoice } from '../../src/state/checkpoint-choice.svelte.ts';
import type { RunItem } from '../../src/evaluation/live-record.ts';
import { RunResults } from '../../src/state/run-results.svelte.ts';
import { RunSession } from '../../src/state/run-session.svelte.ts';
import type { WrongImageChoice } from '../../src/evaluation/wrong-images.ts';
import { ANSWER_MAX_TOKENS, ANSWER_QUESTION } from '../support/toy-answers.ts';
import { ToyBackend } from '../support/toy-backend.ts';

const source = recordOf([]).image;
const image = { width: 2, height: 3, data: new Uint8Array(18) };
const itemOf = (k: number, temperature: number): RunItem => ({
  image,
  source,
  question: ANSWER_QUESTION,
  promptMode: 'think',
  hint: null,
  sampler: { ...SAMPLER, k, temperature, topP: 1, maxNewTokens: ANSWER_MAX_TOKENS },
  nulls: true,
});
const wrongImages: WrongImageChoice = {
  images: [1, 2, 3, 4].map((index) => ({ image, source: { ...source, index } })),
  atHand: 9,
  reason: null,
};

async function recordAfter(temperature: number, ...ks: readonly number[]) {
  const backend = new ToyBackend('toy');
  const results = new RunResults();
  const session = new RunSession(
    new CheckpointChoice([backend], ['toy']),
    results,
    (callback) => {
      callback();
    },
    () => '2026-11-24T00:00:00.000Z',
  );
  for (const k of ks) {
    await session.run(itemOf(k, temperature), 'auto', () => Promise.resolve(wrongImages));
  }
  expect(results.groups).toHaveLength(1);
  return { record: results.shown?.first.record, requests: backend.requests };
}

/** What a run file would hold, but for times and run id. */
const textOf = (record: ItemRecord | undefined): string =>
  JSON.stringify({ ...record, runId: '', elapsedMs: 0 });

test.each([0.6, 1, 1.6])(
  'K = 16, then 64, then 512 is K = 512, byte for byte, at T = %d',
  async (temperature) => {
    const fresh = await recordAfter(temperature, 512);
    const continued = await recordAfter(temperature, 16, 64, 512);
    expect(fresh.record?.answerDistributions?.traces.length).toBeGreaterThan(3);
    expect(fresh.record?.samples).toHaveLength(512);
    expect(textOf(continued.record)).toBe(textOf(fresh.record));
    const drawn = (requests: typeof fresh.requests): number =>
      requests.reduce((sum, { firstIndex, sampler }) => sum + sampler.k - firstIndex, 0);
    expect(drawn(continued.requests)).toBe(drawn(fresh.requests));
  },
);
