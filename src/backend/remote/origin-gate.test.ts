import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serverAddress, type ServerAddress } from '../../protocol/server.ts';
import { OriginGate } from './origin-gate.ts';

const KEY = 'sk-"quoted"/+=key';
const { signal } = new AbortController();

/** Says back, in the shape that the path names, what it was sent. */
const server = createServer((request, response) => {
  const said = `You sent ${String(request.headers.authorization)}`;
  const bodies: Readonly<Record<string, string>> = {
    '/v1/error': JSON.stringify({ error: { message: said } }),
    '/v1/detail': JSON.stringify({ detail: [{ msg: said }] }),
    '/v1/plain': said,
    '/v1/encoded': encodeURIComponent(said),
    '/v1/long': `${'x'.repeat(230)}${said}`,
    '/v1/page': `<html>${said}</html>`,
  };
  response.statusCode = 400;
  response.end(bodies[request.url ?? ''] ?? '');
});
let address: ServerAddress;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  address = serverAddress(`127.0.0.1:${String(port)}`) ?? never();
});
afterAll(() => server.close());

function never(): never {
  throw new Error('no address');
}

test.each(['error', 'detail', 'plain', 'encoded', 'long', 'page'])(
  'a key is in no error, whatever shape it comes back in: %s',
  async (path) => {
    const gate = new OriginGate();
    gate.add(address, KEY);
    const error = await gate
      .request(address, { path, body: null, signal })
      .catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ name: 'RequestRefused' });
    const all = JSON.stringify([error, (error as Error).message, (error as Error).stack]);
    for (const part of [KEY, encodeURIComponent(KEY), 'quoted']) expect(all).not.toContain(part);
  },
);

test('a key that is none is refused without being repeated', () => {
  const gate = new OriginGate();
  let message = '';
  try {
    gate.add(address, 'sk-secret\nX-Other: 1');
  } catch (thrown) {
    message = (thrown as Error).message;
  }
  expect(message).toContain('blanks');
  expect(message).not.toContain('secret');
});

test('a key goes to its own origin, and a removed one gets nothing', async () => {
  const gate = new OriginGate();
  const other = serverAddress('localhost:1') ?? never();
  gate.add(other, KEY);
  gate.add(address, null);
  const error = await gate
    .request(address, { path: 'plain', body: null, signal })
    .catch((thrown: unknown) => thrown as Error);
  expect((error as Error).message).toContain('You sent undefined');
  gate.remove(address);
  expect(gate.has(address)).toBe(false);
  await expect(gate.request(address, { path: 'plain', body: null, signal })).rejects.toMatchObject({
    name: 'OriginRefused',
  });
});

test('a path cannot lead to another origin', async () => {
  const gate = new OriginGate();
  gate.add(address, KEY);
  for (const path of ['https://evil.example.org/', '//evil.example.org/v1/models']) {
    await expect(gate.request(address, { path, body: null, signal })).rejects.toMatchObject({
      name: 'OriginRefused',
    });
  }
});

test('a stopped request is one', async () => {
  const gate = new OriginGate();
  gate.add(address, null);
  const stopped = AbortSignal.abort();
  await expect(
    gate.request(address, { path: 'plain', body: null, signal: stopped }),
  ).rejects.toMatchObject({ name: 'Cancelled' });
});
