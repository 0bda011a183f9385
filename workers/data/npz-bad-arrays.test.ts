/** Sound zip files whose arrays are not what MedMNIST has: each refusal names the key and why. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  imagesNpy,
  labelsNpy,
  npy,
  npz,
  patternBytes,
  testSplit,
  type NpyFields,
} from '../../test/fixtures/npz/make-npz.ts';
import { open, refusal } from '../../test/fixtures/npz/reading.ts';

const { test_images, test_labels } = testSplit();

async function expectInvalid(arrays: Record<string, Uint8Array>, ...why: RegExp[]): Promise<void> {
  const error = await refusal(open(npz(arrays)));
  expect(error.name).toBe('NpzInvalid');
  for (const part of why) expect(error.message).toMatch(part);
}

describe('a .npz without a key', () => {
  it.each([
    ['test_images', { test_labels, train_images: test_images }, /it has|has test_labels, train_im/],
    ['test_labels', { test_images }, /the file has test_images/],
    ['test_images', {}, /the file has nothing/],
  ] as const)('names %s and what is there', async (key, arrays, why) => {
    await expectInvalid(arrays, new RegExp(`^${key} is missing`), why);
  });
});

describe('test_images', () => {
  const data = patternBytes(3 * 28 * 28 * 3);
  const shape = [3, 28, 28, 3];
  const inDoubt: [string, NpyFields, RegExp][] = [
    ['of floats', { shape: [3, 28, 28], descr: '<f4', data: patternBytes(9408) }, /type f4/],
    ['of booleans', { shape, descr: '|b1', data }, /data type b1/],
    ['of 16 bits', { shape: [3, 28, 28], descr: '<u2', data: data.slice(0, 4704) }, /type u2/],
    ['of signed bytes', { shape, descr: '|i1', data }, /data type i1/],
    ['of text', { shape: [3], descr: '<U1', data: data.slice(0, 12) }, /data type <U1/],
    ['of records', { shape: [3], descr: "[('a', '|u1')]", data: data.slice(0, 3) }, /type \[\('a'/],
    ['of objects', { shape: [3], descr: '|O', data: data.slice(0, 24) }, /pickled .* never opened/],
    ['in Fortran order', { shape, isFortranOrder: true, data }, /Fortran order/],
    ['of rank 2', { shape: [3, 784], data: data.slice(0, 2352) }, /shape \(3, 784\)/],
    ['of rank 5', { shape: [3, 28, 28, 3, 1], data }, /shape \(3, 28, 28, 3, 1\)/],
    ['of rank 0', { shape: [], data: data.slice(0, 1) }, /shape \(\)/],
    ['with 2 channels', { shape: [3, 28, 28, 2], data: data.slice(0, 4704) }, /28, 2\)/],
    ['with 4 channels', { shape: [1, 28, 28, 4], data: data.slice(0, 3136) }, /28, 4\)/],
    ['that are not square', { shape: [3, 28, 64], data: data.slice(0, 5376) }, /sides are 28, 64/],
    ['of another side', { shape: [3, 32, 32], data: data.slice(0, 3072) }, /\(3, 32, 32\)/],
    ['of no images', { shape: [0, 28, 28, 3], data: new Uint8Array() }, /no image in it/],
  ];

  it.each(inDoubt)('%s', async (_, fields, why) => {
    await expectInvalid({ test_images: npy(fields), test_labels }, /^test_images /, why);
  });

  it.each([2, 4])('of 3 images with %i labels', async (count) => {
    const labels = labelsNpy(new Array<number>(count).fill(0));
    await expectInvalid(
      { test_images, test_labels: labels },
      new RegExp(`test_images has 3 images, but test_labels has ${count}`),
    );
  });

  it('of more dimensions in the header than bytes in the entry, and of fewer', async () => {
    for (const claimed of [2, 4]) {
      const lying = npy({ shape: [claimed, 28, 28, 3], data });
      await expectInvalid(
        { test_images: lying, test_labels: labelsNpy(new Array<number>(claimed).fill(0)) },
        new RegExp(`^test_images declares the shape \\(${claimed}, 28, 28, 3\\)`),
      );
    }
  });
});

describe('a numpy header', () => {
  const good = imagesNpy(3, 28, 3);
  const patched = (change: (bytes: Uint8Array) => void): Uint8Array => {
    const bytes = Uint8Array.from(good);
    change(bytes);
    return bytes;
  };
  const withText = (from: string, to: string): Uint8Array =>
    patched((bytes) => {
      const text = new TextDecoder('latin1').decode(bytes.subarray(0, 128));
      expect(text).toContain(from);
      bytes.set(new TextEncoder().encode(to.padEnd(from.length)), text.indexOf(from));
    });

  it.each([
    ['no numpy magic', patched((bytes) => bytes.fill(0, 1, 3)), /is not a numpy array/],
    ['an unknown version', patched((bytes) => (bytes[6] = 4)), /numpy format version 4/],
    ['version 0', patched((bytes) => (bytes[6] = 0)), /numpy format version 0/],
    ['no shape', withText("'shape'", "'sharp'"), /no readable numpy header/],
    ['no type', withText("'descr'", "'desks'"), /no readable numpy header/],
    ['a negative side', withText('(3, 28', '(-3,28'), /no readable numpy header/],
    ['code for a shape', withText('(3, 28', '(f()8'), /no readable numpy header/],
    ['a split number', withText('28, 28', '28 2 8'), /unreadable shape/],
    ['an endless number', withText('(3, 28, 28, 3)', '(9999999999999)'), /declares the shape/],
    ['nothing after 8 bytes', good.slice(0, 8), /no readable numpy header/],
    ['an end in the middle', good.slice(0, 90), /no readable numpy header/],
    ['no bytes', new Uint8Array(), /no readable numpy header/],
  ])('with %s', async (_, bytes, why) => {
    await expectInvalid({ test_images: bytes, test_labels }, /^test_images /, why);
  });

  it.each([66_000, 4_000_000_000])('that claims %i bytes', async (claimed) => {
    const long = npy({ shape: [3, 28, 28, 3], data: patternBytes(70_000), version: 2 });
    new DataView(long.buffer).setUint32(8, claimed, true);
    const why = new RegExp(`numpy header of ${claimed} bytes`);
    await expectInvalid({ test_images: long, test_labels }, /^test_images /, why);
  });
});

describe('test_labels', () => {
  const label = (fields: NpyFields): Uint8Array => npy(fields);
  const eight = new Uint8Array(24);

  it.each([
    ['of floats', label({ shape: [3, 1], descr: '<f8', data: eight }), /type f8, not whole/],
    ['of complex numbers', label({ shape: [3], descr: '<c8', data: eight }), /type c8/],
    ['of objects', label({ shape: [3], descr: '|O', data: eight }), /pickled/],
    ['of rank 0', label({ shape: [], data: eight.slice(0, 1) }), /shape \(\)/],
    ['of rank 3', label({ shape: [3, 1, 1], data: eight.slice(0, 3) }), /shape \(3, 1, 1\)/],
    ['two to an image', label({ shape: [3, 2], data: eight.slice(0, 6) }), /shape \(3, 2\)/],
    ['none to an image', label({ shape: [3, 0], data: new Uint8Array() }), /shape \(3, 0\)/],
    ['below 0', label({ shape: [3, 1], descr: '|i1', data: Uint8Array.of(0, 255, 1) }), /label -1/],
    ['above 7', label({ shape: [3, 1], data: Uint8Array.of(0, 8, 1) }), /contains 8/],
  ])('%s', async (_, labels, why) => {
    await expectInvalid({ test_images, test_labels: labels }, /test_labels /, why);
  });

  it('of findings that are neither 0 nor 1, or in Fortran order', async () => {
    const data = new Uint8Array(42).fill(1);
    const fortran = npy({ shape: [3, 14], isFortranOrder: true, data });
    await expectInvalid({ test_images, test_labels: fortran }, /^test_labels .* Fortran order/);
    data[20] = 2;
    const two = npy({ shape: [3, 14], data });
    await expectInvalid({ test_images, test_labels: two }, /^test_labels contains 2; findings/);
  });

  it('that numpy pickled are not opened', async () => {
    const url = new URL('../../test/fixtures/npz/numpy-pickled.npz', import.meta.url);
    const error = await refusal(open(new Blob([readFileSync(url)]), 'breastmnist.npz'));
    expect(error.name).toBe('NpzInvalid');
    expect(error.message).toMatch(/^test_labels holds pickled Python objects/);
  });
});
