import { decode } from 'fast-png';
import { expect, test } from 'vitest';
import { imageUrl } from './image-url.ts';

test('the pixels arrive as they are', () => {
  const data = Uint8Array.from({ length: 37 * 23 * 3 }, (_, at) => (at * 7919) % 251);
  const image = { width: 37, height: 23, data };
  const url = imageUrl(image);
  const [head, body = ''] = url.split(',');
  expect(head).toBe('data:image/png;base64');
  const png = decode(Uint8Array.from(atob(body), (character) => character.charCodeAt(0)));
  expect(png).toMatchObject({ width: 37, height: 23, channels: 3, depth: 8 });
  expect(Uint8Array.from(png.data)).toEqual(data);
  expect(imageUrl(image)).toBe(url);
});

test('a photograph’s size is no matter for the base64', () => {
  const data = new Uint8Array(700 * 500 * 3).map((_, at) => (at * 31) ^ (at >> 7));
  const body = imageUrl({ width: 700, height: 500, data }).split(',')[1] ?? '';
  const png = decode(Uint8Array.from(atob(body), (character) => character.charCodeAt(0)));
  // Compared as a whole: a million entries one by one take seconds.
  expect(Buffer.compare(Uint8Array.from(png.data), data)).toBe(0);
});
