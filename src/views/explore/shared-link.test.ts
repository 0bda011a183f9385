import { expect, test } from 'vitest';
import { linkTo } from './shared-link.ts';

test('a link keeps the lesson and leaves the view for a projector', () => {
  const hash = '#/explore?k=8&lesson=step-1';
  const page = 'https://lab.example/page/';
  expect(linkTo(`${page}?present&lesson=lessons/my.json#/old`, hash)).toBe(
    `${page}?lesson=lessons/my.json${hash}`,
  );
  expect(linkTo(`${page}?present=`, hash)).toBe(`${page}${hash}`);
});
