import { expect, test } from 'vitest';
import { mixedContentProblem, serverAddress, serverKey } from './server.ts';

test.each([
  ['localhost:8000', 'http://localhost:8000/v1/'],
  ['http://10.0.0.7:8000', 'http://10.0.0.7:8000/v1/'],
  ['https://gpu.example.org/v1', 'https://gpu.example.org/v1/'],
  ['https://gpu.example.org/team/v1/', 'https://gpu.example.org/team/v1/'],
  ['https://gpu.example.org/v1/chat/completions', 'https://gpu.example.org/v1/'],
  ['https://gpu.example.org/v1/models/', 'https://gpu.example.org/v1/'],
  [' https://gpu.example.org/openai?x=1#y ', 'https://gpu.example.org/openai/v1/'],
])('the address in %s', (typed, baseUrl) => {
  expect(serverAddress(typed)?.baseUrl).toBe(baseUrl);
});

test.each(['', '  ', 'ftp://x.org', 'https://user:secret@x.org/v1', 'http://', 'not an address'])(
  '“%s” is none',
  (typed) => {
    expect(serverAddress(typed)).toBeNull();
  },
);

test('a key is printable and has no blanks', () => {
  expect(serverKey('  sk-1 ')).toBe('sk-1');
  expect(serverKey(' ')).toBeNull();
  for (const typed of ['a b', 'a\nb', 'schlüssel']) {
    expect(() => serverKey(typed)).toThrow(expect.objectContaining({ name: 'AccessDenied' }));
  }
});

test.each([
  ['http://gpu.example.org', 'https://lab.example.org/', true],
  ['http://10.0.0.7:8000', 'https://lab.example.org/', true],
  ['http://localhost:8000', 'https://lab.example.org/', false],
  ['http://127.0.0.1:8000', 'https://lab.example.org/', false],
  ['https://gpu.example.org', 'https://lab.example.org/', false],
  ['http://gpu.example.org', 'http://lab.example.org/', false],
])('%s from a page at %s', (typed, page, isBlocked) => {
  const address = serverAddress(typed);
  if (!address) throw new Error('no address');
  expect(mixedContentProblem(address, page) !== null).toBe(isBlocked);
});
