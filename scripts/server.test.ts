import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { serve } from './server.mjs';

const folder = fileURLToPath(new URL('.', import.meta.url));

test('it closes although a client connected and never asked', async () => {
  const server = await serve(folder);
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  const ended = new Promise((resolve) => socket.once('close', resolve));
  await new Promise((resolve) => socket.once('connect', resolve));
  await server.close();
  await ended;
  expect(socket.destroyed).toBe(true);
});

test('a packed file is sent as it lies there', async () => {
  const server = await serve(fileURLToPath(new URL('../public/runs', import.meta.url)));
  const response = await fetch(`${server.url}family.jsonl.gz`);
  expect(response.headers.get('Content-Encoding')).toBe('identity');
  const bytes = new Uint8Array(await response.arrayBuffer());
  expect([...bytes.slice(0, 2)]).toEqual([0x1f, 0x8b]);
  await server.close();
});
