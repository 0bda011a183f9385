/** The file of a server's run: what it states, what it does not, and why. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OpenAiServer } from '../../test/support/openai-server.ts';
import { servedFile, servedRecord } from '../../test/support/served-run.ts';
import { readRunFile } from './run-file.ts';

let server: OpenAiServer;
beforeAll(async () => {
  server = await OpenAiServer.start();
});
afterAll(() => server.stop());

test('traces of a server’s lists come back from the file', async () => {
  const record = await servedRecord(server, {}, 'think');
  expect(record.answerDistributions?.traces).toHaveLength(2);
  expect(record.answerDistributions?.missing).toBeUndefined();
  const { items, problems } = readRunFile(servedFile(record));
  expect(problems).toEqual([]);
  expect(items[0]?.record).toEqual(record);
});

test('and so does why there are none', async () => {
  const record = await servedRecord(server, { logprobs: 'refuses' }, 'think');
  expect(record.answerDistributions?.missing).toContain('lists no alternatives');
  const { items, problems } = readRunFile(servedFile(record));
  expect(problems).toEqual([]);
  expect(items[0]?.record).toEqual(record);
});
