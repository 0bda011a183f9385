/** `npm run evaluate -- --server …` against a scripted server: broken off, gone on with, and its key nowhere. */

import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@playwright/test';
import { TOY_MODEL } from '../support/openai-profile.ts';
import { OpenAiServer } from '../support/openai-server.ts';
import { LONG } from './app.ts';

const KEY = 'sk-secret-of-the-headless-run-4711';
const script = fileURLToPath(new URL('../../scripts/evaluate.mjs', import.meta.url));

let server: OpenAiServer;
test.beforeAll(async () => {
  server = await OpenAiServer.start();
});
test.afterAll(() => server.stop());

/** The server answers from this process, which must not wait for the command in one piece. */
async function evaluate(file: string, key: string): Promise<{ failed: boolean; said: string }> {
  const args = [
    ...['--server', server.address.origin, '--model', TOY_MODEL, '--key-env', 'TOY_KEY'],
    ...['--data', 'bloodmnist,pathmnist', '--items', '6', '--k', '4', '--max', '8', '--no-nulls'],
    ...['--mode', 'direct', '--concurrency', '2', '--shard', '2/2', '--out', file],
  ];
  const run = promisify(execFile)('node', [script, ...args], {
    env: { ...process.env, TOY_KEY: key },
  });
  return run.then(
    ({ stdout, stderr }) => ({ failed: false, said: stdout + stderr }),
    (thrown: { stdout: string; stderr: string }) => ({
      failed: true,
      said: thrown.stdout + thrown.stderr,
    }),
  );
}

test(
  'a shard of a run on a server goes on after a failure, and its key is written nowhere',
  LONG,
  async () => {
    test.setTimeout(240_000);
    server.reset({ key: KEY });
    const file = test.info().outputPath('run.jsonl');
    const refused = await evaluate(file, `${KEY}x`);
    expect(refused).toMatchObject({ failed: true });
    expect(refused.said).toContain('did not take the key');
    expect(server.chats).toEqual([]);

    // Some items are answered, then the server fails for good.
    server.faultAt = (number) =>
      number >= 14 ? { type: 'status', status: 500, retryAfter: '3600' } : null;
    const broken = await evaluate(file, KEY);
    expect(broken).toMatchObject({ failed: true });
    expect(broken.said).toContain('told to fail');
    const kept = readdirSync(`${file}.part`, { recursive: true, withFileTypes: true }).filter(
      (one) => one.isFile(),
    );
    expect(kept.map(({ name }) => name)).toContain('plan.json');
    for (const { parentPath, name } of kept) {
      expect(readFileSync(join(parentPath, name)).includes(KEY), name).toBe(false);
    }

    server.reset({ key: KEY });
    const done = await evaluate(file, KEY);
    // What was answered before is not asked again.
    expect(done.said).toMatch(/[1-5] of 6 records/u);
    expect(done.said).toContain('6 of 6 records');
    expect(done.said + broken.said).not.toContain(KEY);
    const text = readFileSync(file, 'utf8');
    expect(text).not.toContain(KEY);
    expect(text.match(/"type":"item"/gu)).toHaveLength(6);
    expect(text).toContain('"shard":{"number":2,"of":2}');
    expect(server.chats.every(({ authorization }) => authorization === `Bearer ${KEY}`)).toBe(true);
  },
);
