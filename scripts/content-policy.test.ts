import { expect, test } from 'vitest';
import { contentPolicy } from './content-policy.mjs';

const sources = (policy: string): Record<string, string[]> =>
  Object.fromEntries(
    policy.split('; ').map((line) => {
      const [name = '', ...rest] = line.split(' ');
      return [name, rest];
    }),
  );

test('the page runs no script but its own files, and no text as code', () => {
  const policy = sources(contentPolicy());
  expect(policy['default-src']).toEqual(["'none'"]);
  expect(policy['script-src']).toEqual(["'self'", "'wasm-unsafe-eval'"]);
  expect(policy['worker-src']).toEqual(["'self'"]);
  expect(policy['style-src']).toEqual(["'self'"]);
});

test('hubs and servers may be anywhere, and development adds to the policy', () => {
  expect(sources(contentPolicy())['connect-src']).toEqual(["'self'", 'http:', 'https:']);
  const development = sources(contentPolicy({ 'connect-src': ['ws:'] }));
  expect(development['connect-src']).toEqual(["'self'", 'http:', 'https:', 'ws:']);
  expect(development['script-src']).toEqual(sources(contentPolicy())['script-src']);
});
