import { expect, test } from 'vitest';
import { formatEvaluationLink, parseEvaluationLink } from './evaluation-link.ts';

test('an address says which run is open, on which device, and which shard is planned', () => {
  expect(parseEvaluationLink('#/evaluate')).toEqual({ runId: null, device: 'auto', shard: null });
  const link = { runId: 'a b', device: 'wasm', shard: '3/16' } as const;
  const text = formatEvaluationLink(link);
  expect(text).toBe('#/evaluate?run=a+b&device=wasm&shard=3/16');
  expect(parseEvaluationLink(text)).toEqual(link);
  expect(parseEvaluationLink(text.replace('/16', '%2F16'))).toEqual(link);
  // What is no shard stays as it is, for the plan to say so.
  const bad = { ...link, shard: 'a&b 1/0' };
  expect(parseEvaluationLink(formatEvaluationLink(bad))).toEqual(bad);
});
