import { expect, test } from 'vitest';
import { philox, uniformStream } from './random.ts';

// Known answers of philox4x32-10 from Random123's kat_vectors.
test.each([
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
] as const)('philox of %j with key %j', (counter, key, expected) => {
  expect(philox(counter, key)).toEqual(expected);
});

test('a draw depends on seed, item, sample and step, and on nothing else', () => {
  const draw = uniformStream(7, 'bloodmnist/test/12');
  expect(draw(3, 5)).toBe(uniformStream(7, 'bloodmnist/test/12')(3, 5));
  const others = [
    uniformStream(8, 'bloodmnist/test/12')(3, 5),
    uniformStream(7, 'bloodmnist/test/13')(3, 5),
    draw(4, 5),
    draw(3, 6),
  ];
  expect(new Set([draw(3, 5), ...others]).size).toBe(5);
});

test('draws lie in [0, 1) and are uniform (Kolmogorov–Smirnov at 0.001)', () => {
  const draw = uniformStream(1, 'item');
  const values = Array.from({ length: 20_000 }, (_, i) => draw(i % 200, Math.floor(i / 200)));
  values.sort((a, b) => a - b);
  expect(values[0]).toBeGreaterThanOrEqual(0);
  expect(values.at(-1)).toBeLessThan(1);
  const distance = Math.max(
    ...values.map((value, i) => Math.abs(value - (i + 0.5) / values.length)),
  );
  expect(distance * Math.sqrt(values.length)).toBeLessThan(1.95);
});
