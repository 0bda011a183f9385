import { expect, test } from 'vitest';
import type { ServedModel, ServerCapabilities } from '../../protocol/server.ts';
import { commonModel } from './same-model.ts';

const yes = { has: 'yes', reason: 'It did.' } as const;
const no = { has: 'no', reason: 'It did not.' } as const;
const ALL: ServerCapabilities = {
  ...{ kind: 'vllm', n: yes, seed: yes, logProbs: yes, logProbKind: 'model', topLogProbs: 20 },
  ...{ topK: yes, minP: yes, streaming: yes, tokenIds: yes },
};
const found = (host: string, change: Partial<ServerCapabilities> = {}, revision = 'toy, r1') => ({
  host,
  model: { id: 'toy', revision, capabilities: { ...ALL, ...change } } satisfies ServedModel,
});

test('several do together what each of them does', () => {
  const { capabilities } = commonModel([
    found('a:1', { minP: { has: 'unknown', reason: 'Nobody knows.' } }),
    found('b:1', { n: no, topLogProbs: 5 }),
  ]);
  expect(capabilities.n).toEqual({ has: 'no', reason: 'b:1: It did not.' });
  expect(capabilities.minP.has).toBe('unknown');
  expect(capabilities.topLogProbs).toBe(5);
  expect(capabilities.seed).toEqual(yes);
  expect(commonModel([found('a:1')])).toEqual(found('a:1').model);
});

test.each([
  ['revision', found('c:1', {}, 'toy, r2'), /c:1 .*a:1.*“toy, r2”/],
  ['program', found('c:1', { kind: 'sglang' }), /c:1 .*“sglang”/],
  ['log-probabilities', found('c:1', { logProbKind: 'tempered' }), /c:1 .*“tempered”/],
])('the one with another %s is named', (_, other, words) => {
  const error = { name: 'CheckpointInvalid', message: expect.stringMatching(words) as string };
  expect(() => commonModel([found('a:1'), found('b:1'), other])).toThrow(
    expect.objectContaining(error),
  );
});
