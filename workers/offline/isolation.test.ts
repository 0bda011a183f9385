import { expect, test } from 'vitest';
import { withIsolation } from './isolation.ts';

test('an answer without the headers gets them and keeps what it is', async () => {
  const plain = new Response('body', {
    status: 203,
    headers: { 'Content-Type': 'text/javascript', ETag: '"1"' },
  });
  const isolated = withIsolation(plain);
  expect(isolated.headers.get('Cross-Origin-Opener-Policy')).toBe('same-origin');
  expect(isolated.headers.get('Cross-Origin-Embedder-Policy')).toBe('require-corp');
  expect(isolated.headers.get('Cross-Origin-Resource-Policy')).toBe('same-origin');
  expect(isolated.headers.get('Content-Type')).toBe('text/javascript');
  expect(isolated.headers.get('ETag')).toBe('"1"');
  expect(isolated.status).toBe(203);
  expect(await isolated.text()).toBe('body');
});

test('what the host says itself stays', () => {
  const host = new Response('', {
    headers: { 'Cross-Origin-Embedder-Policy': 'credentialless' },
  });
  expect(withIsolation(host).headers.get('Cross-Origin-Embedder-Policy')).toBe('credentialless');
  expect(withIsolation(host).headers.get('Cross-Origin-Opener-Policy')).toBe('same-origin');
});

test('an error is handed on as it is', () => {
  const failed = Response.error();
  expect(withIsolation(failed)).toBe(failed);
});
