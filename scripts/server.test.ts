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
