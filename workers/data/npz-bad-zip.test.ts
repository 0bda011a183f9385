/** Files that are no zip, or a broken one: each refusal says what is wrong and where. */
import { deflateSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import {
  asZip64,
  directoryOffsets,
  npz,
  testSplit,
  withDirectory,
  type DirectoryField,
} from '../../test/fixtures/npz/make-npz.ts';
import { open, refusal } from '../../test/fixtures/npz/reading.ts';

const stored = npz(testSplit(), 'stored');
const deflated = npz(testSplit(), 'deflated');

async function expectInvalid(file: Uint8Array<ArrayBuffer>, why: RegExp): Promise<void> {
  const error = await refusal(open(file));
  expect(error.name).toBe('NpzInvalid');
  expect(error.message).toMatch(why);
  expect(error.message).toMatch(/[.] .+[.]$/); // what is wrong, then what to do
}

const text = (value: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(value);

/** A copy with other bytes from `at` on. */
function overwritten(
  zip: Uint8Array,
  at: number,
  bytes: readonly number[],
): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(zip);
  copy.set(bytes, at);
  return copy;
}

function entryAt(zip: Uint8Array, key: string): number {
  return directoryOffsets(zip).find((entry) => entry.key === key)?.at ?? NaN;
}

describe('a file that is no complete zip', () => {
  it.each([
    ['no bytes', new Uint8Array(), /^The file is empty/],
    ['text', text('test_images,test_labels\n'), /no zip file/],
    ['three bytes', text('PK\x03'), /no zip file/],
    ['a long file of zeros', new Uint8Array(200_000), /no zip file/],
    ['a lost end', deflated.slice(0, -40), /truncated: its table of contents is missing/],
    ['a lost half', stored.slice(0, stored.length / 2), /truncated: its table of contents is miss/],
    ['only its end', stored.slice(-22), /truncated: its table of contents lies beyond its end/],
    [
      'a cut in the middle',
      Uint8Array.from([...stored.slice(0, 900), ...stored.slice(1000)]),
      /trunc/,
    ],
  ])('%s', async (_, file, why) => {
    await expectInvalid(file, why);
  });
});

describe('a zip whose directory is wrong', () => {
  const end = stored.length - 22;

  it.each([
    ['lists more entries than it has', overwritten(stored, end + 10, [3, 0]), /ends too early/],
    ['lists 65,535 entries', overwritten(stored, end + 10, [255, 255]), /65535 entries/],
    ['has a broken entry', overwritten(stored, entryAt(stored, 'test_images'), [0]), /too early/],
    [
      'has an endless name',
      overwritten(stored, entryAt(stored, 'test_labels') + 28, [255, 255]),
      /too early/,
    ],
  ])('%s', async (_, file, why) => {
    await expectInvalid(file, why);
  });

  it('lost its zip64 part', async () => {
    const zip64 = asZip64(stored);
    await expectInvalid(overwritten(zip64, zip64.length - 22 - 20 + 8, [9]), /zip64 table/);
  });

  it('has a key twice', async () => {
    const { test_images, test_labels } = testSplit();
    const file = npz({ test_images, test_labels, test_label5: test_labels });
    const twice = overwritten(file, entryAt(file, 'test_label5') + 46, [...text('test_labels')]);
    await expectInvalid(twice, /^test_labels is in the .npz twice/);
  });

  it('points to a place without the entry', async () => {
    const file = withDirectory(stored, 'test_images', { headerOffset: 5 });
    await expectInvalid(file, /^test_images\S* is not where the .npz says/);
  });
});

describe('an entry', () => {
  const changed = (
    zip: Uint8Array,
    changes: Partial<Record<DirectoryField, number>>,
  ): Uint8Array<ArrayBuffer> => withDirectory(zip, 'test_images', changes);
  const imageBytes = testSplit().test_images.length;

  it.each([
    ['that is encrypted', changed(deflated, { flags: 1 }), /is encrypted/],
    ['packed with bzip2', changed(deflated, { method: 12 }), /method 12, not deflate/],
    ['packed with zstandard', changed(deflated, { method: 93 }), /method 93, not deflate/],
    ['that ends beyond the file', changed(stored, { packedBytes: 1e6 }), /is truncated/],
    ['with a wrong checksum', changed(deflated, { crc32: 12345 }), /checksum is wrong/],
    [
      'stored, with less than it declares',
      changed(stored, { packedBytes: imageBytes - 1 }),
      /truncated: \d+ of/,
    ],
  ])('%s', async (_, file, why) => {
    await expectInvalid(file, /^test_images/);
    await expectInvalid(file, why);
  });

  it('with one wrong bit in a stored picture', async () => {
    const at = 5000;
    const file = overwritten(stored, at, [(stored[at] ?? 0) ^ 1]);
    await expectInvalid(file, /^test_images\S* is damaged: its checksum is wrong/);
  });

  it('with rubbish where compressed data should be', async () => {
    const { test_labels } = testSplit();
    const rubbish = new Uint8Array(500).fill(0xff);
    const zip = npz({ test_labels, test_images: rubbish }, 'stored');
    const file = withDirectory(zip, 'test_images', { method: 8, sizeBytes: imageBytes });
    await expectInvalid(file, /^test_images\S* is damaged: its compressed data/);
  });

  it.each(['train_images', 'val_images'])('of %s that is broken, in its name', async (key) => {
    const { test_images, test_labels } = testSplit();
    const file = npz({ test_images, test_labels, [key]: test_images.slice(0, 60) });
    await expectInvalid(file, new RegExp(`^${key} has no readable numpy header`));
  });

  it('whose compressed stream ends too soon', async () => {
    const half = deflateSync(testSplit().test_images.subarray(0, 4000));
    const { test_labels } = testSplit();
    const zip = npz({ test_labels, test_images: half }, 'stored');
    const file = withDirectory(zip, 'test_images', { method: 8, sizeBytes: imageBytes });
    await expectInvalid(file, /^test_images\S* is truncated: 4000 of/);
  });

  it('whose compressed stream is cut', async () => {
    const { test_images, test_labels } = testSplit();
    const cut = deflateSync(test_images).slice(0, -30);
    const zip = npz({ test_labels, test_images: cut }, 'stored');
    const file = withDirectory(zip, 'test_images', { method: 8, sizeBytes: imageBytes });
    await expectInvalid(file, /^test_images\S* is (truncated|damaged)/);
  });
});

describe('a file that changes while it is read', () => {
  it('is a named error and no DOMException', async () => {
    class GoneBlob extends Blob {
      override slice(): Blob {
        return new (class extends Blob {
          override arrayBuffer(): Promise<ArrayBuffer> {
            return Promise.reject(new DOMException('Gone.', 'NotReadableError'));
          }
        })();
      }
    }
    const error = await refusal(open(new GoneBlob([stored])));
    expect(error.name).toBe('NpzInvalid');
    expect(error.message).toMatch(/could not be read/);
  });
});
