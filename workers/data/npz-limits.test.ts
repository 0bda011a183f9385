/** What a hostile or huge file may cost: each test counts the bytes that were read of it. */
import { constants, deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { DATA_LIMITS } from '../../src/protocol/data.ts';
import {
  directoryOffsets,
  firstDifference,
  labelsNpy,
  noiseBytes,
  npy,
  npz,
  patternBytes,
  testSplit,
  withDirectory,
} from '../../test/fixtures/npz/make-npz.ts';
import { ClaimedBlob, CountingBlob, withZeros } from '../../test/fixtures/npz/npz-blobs.ts';
import { BLOOD, open, refusal } from '../../test/fixtures/npz/reading.ts';
import { readNpzImages } from './npz.ts';

const MEBIBYTE = 2 ** 20;

/** A deflate stream of `mebibytes` of zeros, a thousandth as long. */
function zerosDeflated(mebibytes: number): Uint8Array {
  const unit = deflateRawSync(new Uint8Array(16 * MEBIBYTE), {
    finishFlush: constants.Z_SYNC_FLUSH,
  });
  const last = deflateRawSync(new Uint8Array());
  const units = new Array<Buffer>(mebibytes / 16).fill(unit);
  return Uint8Array.from(Buffer.concat([...units, last]));
}

/** A file whose `key` is this deflate stream and claims to unpack to `sizeBytes`. */
function withStream(key: string, stream: Uint8Array, sizeBytes: number): CountingBlob {
  const zip = npz({ ...testSplit(), [key]: stream }, 'stored');
  return new CountingBlob([withDirectory(zip, key, { method: 8, sizeBytes })]);
}

describe('a zip bomb', () => {
  const gibibyte = zerosDeflated(1024);

  it('is a gibibyte in one mebibyte', () => {
    expect(gibibyte.length).toBeGreaterThan(0.9 * MEBIBYTE);
    expect(gibibyte.length).toBeLessThan(1.1 * MEBIBYTE);
  });

  it.each(['test_images', 'test_labels', 'train_images', 'val_images'])(
    'that declares its size in %s is refused before it is unpacked',
    async (key) => {
      const file = withStream(key, gibibyte, 1024 * MEBIBYTE);
      const error = await refusal(open(file));
      expect(error.name).toBe('NpzTooLarge');
      expect(error.message).toMatch(new RegExp(`^${key} would unpack to 1.0 GiB`));
      expect(file.readBytes).toBeLessThan(0.2 * MEBIBYTE);
    },
  );

  it('that hides its size is stopped at the size that it declares', async () => {
    // a good start, so that only the number of bytes tells
    const start = testSplit().test_images;
    const head = deflateRawSync(start, { finishFlush: constants.Z_SYNC_FLUSH });
    const stream = Uint8Array.from(Buffer.concat([head, gibibyte]));
    const file = withStream('test_images', stream, start.length);
    const error = await refusal(open(file));
    expect(error.name).toBe('NpzInvalid');
    expect(error.message).toMatch(/^test_images\S* unpacks to more than the \d+ bytes/);
    expect(file.readBytes).toBeLessThan(0.8 * MEBIBYTE);
  });

  it('in the labels is stopped as well', async () => {
    const labels = labelsNpy([0, 1, 0]);
    const head = deflateRawSync(labels, { finishFlush: constants.Z_SYNC_FLUSH });
    const stream = Uint8Array.from(Buffer.concat([head, gibibyte]));
    const file = withStream('test_labels', stream, labels.length);
    const error = await refusal(open(file));
    expect(error.message).toMatch(/^test_labels\S* unpacks to more than/);
    expect(file.readBytes).toBeLessThan(0.5 * MEBIBYTE);
  });
});

it('an entry with more stored bytes than its header says is refused', async () => {
  const { test_images, test_labels } = testSplit();
  const longer = Uint8Array.from([...test_images, 1, 2, 3]);
  for (const packing of ['stored', 'deflated'] as const) {
    const zip = npz({ test_images: longer, test_labels }, packing);
    const declared = await refusal(open(zip));
    expect(declared.message).toMatch(/^test_images declares the shape .* needs \d+ bytes, but has/);
    const hidden = withDirectory(zip, 'test_images', { sizeBytes: test_images.length });
    const error = await refusal(open(hidden));
    expect(error.name).toBe('NpzInvalid');
    expect(error.message).toMatch(/^test_images\S* unpacks to more than/);
  }
});

describe('limits', () => {
  it('a file above 2 GiB is refused unread', async () => {
    const error = await refusal(open(new ClaimedBlob(2 ** 31 + 1)));
    expect(error.name).toBe('NpzTooLarge');
    expect(error.message).toMatch(/2\.0 GiB can be opened/);
  });

  it('a file of 2 GiB is looked at', async () => {
    const error = await refusal(open(new ClaimedBlob(2 ** 31)));
    expect(error.name).toBe('NpzInvalid');
    expect(error.message).toMatch(/could not be read/);
  });

  it('labels above 16 MiB are refused unread', async () => {
    const { test_images } = testSplit();
    const count = 17 * MEBIBYTE;
    const start = npy({ shape: [count, 1], data: new Uint8Array() });
    const zip = npz({ test_images, test_labels: start }, 'stored');
    const lastAt = directoryOffsets(zip).at(-1)?.at ?? NaN;
    const file = withZeros(zip, lastAt, count);
    const error = await refusal(open(file));
    expect(error.name).toBe('NpzTooLarge');
    expect(error.message).toMatch(/^test_labels has 178\d+ bytes; up to 16777216/);
    expect(file.readBytes).toBeLessThan(0.2 * MEBIBYTE);
  });

  it('images are kept up to the limit, and the count says so', async () => {
    const [count, side] = [2003, 224];
    const first = patternBytes(5000);
    const test_images = npy({ shape: [count, side, side, 3], data: first });
    const labels = Array.from({ length: count }, (_, i) => i % 8);
    const zip = npz({ test_labels: labelsNpy(labels), test_images }, 'stored');
    const lastAt = directoryOffsets(zip).at(-1)?.at ?? NaN;
    const splitBytes = count * side * side * 3;
    const file = withZeros(zip, lastAt, splitBytes - first.length);
    const read = await open(file);
    expect(read).toMatchObject({ splitCount: 2003, imageCount: 2000, side: 224 });
    expect(read.labels).toHaveLength(2000);
    expect(read.pixels.length).toBe(DATA_LIMITS.npzKeptBytes);
    expect(firstDifference(read.pixels.subarray(0, 5000), first)).toBeNull();
    // what is not kept is not read either: 256 KiB pieces, one for each header
    expect(file.readBytes).toBeLessThan(DATA_LIMITS.npzKeptBytes + MEBIBYTE);
  }, 60_000);
});

describe('cancelling', () => {
  const arrays = {
    test_labels: labelsNpy([0, 1, 2, 3, 4, 5, 6, 7]),
    test_images: npy({ shape: [8, 224, 224, 3], data: noiseBytes(8 * 224 * 224 * 3) }),
  };

  it('before the start gives Cancelled', async () => {
    const controller = new AbortController();
    controller.abort();
    const file = new CountingBlob([npz(testSplit())]);
    const error = await refusal(readNpzImages(file, BLOOD, controller.signal));
    expect(error.name).toBe('Cancelled');
  });

  it.each(['stored', 'deflated'] as const)('while reading gives Cancelled: %s', async (packing) => {
    const controller = new AbortController();
    const file = new CountingBlob([npz(arrays, packing)]);
    expect(file.size).toBeGreaterThan(1_000_000);
    const error = await refusal(
      readNpzImages(file, BLOOD, controller.signal, (read) => {
        if (read > 100_000) controller.abort();
      }),
    );
    expect(error.name).toBe('Cancelled');
    expect(file.readBytes).toBeLessThan(700_000);
  });

  it('is heard from a task that runs between the pieces', async () => {
    const controller = new AbortController();
    const file = new CountingBlob([npz(arrays)]);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      controller.abort();
      port1.close();
    };
    port2.postMessage('cancel');
    const error = await refusal(readNpzImages(file, BLOOD, controller.signal));
    expect(error.name).toBe('Cancelled');
    expect(file.readBytes).toBeLessThan(700_000);
  });
});
