import { afterEach, expect, test, vi } from 'vitest';
import type { NpzSummary } from '../protocol/data.ts';
import { NamedError } from '../protocol/errors.ts';
import type { Split } from '../core/types.ts';
import { ProbeLibrary } from './probe-library.ts';

const CALLS = { signal: new AbortController().signal, onEvent: () => undefined };

function bench(lacks: readonly Split[] = [], dataset: string | null = 'breastmnist') {
  const released: string[] = [];
  const read: Split[] = [];
  const library = new ProbeLibrary(
    {
      readNpz: (file, _, split = 'test') => {
        if (lacks.includes(split)) {
          return Promise.reject(new NamedError('NpzInvalid', `${split}_images is missing.`));
        }
        read.push(split);
        return Promise.resolve({
          handle: `${file.name} ${split}`,
          fileName: file.name,
          dataset,
          candidates: ['breastmnist', 'pneumoniamnist'],
          split,
          imageSide: 28,
          channels: 1,
          imageCount: 2,
          splitCount: 2,
          labels: [[0], [1]],
        } satisfies NpzSummary);
      },
      imagesAt: (handle, places) =>
        Promise.resolve(
          places.map((place) => ({
            label: [place],
            image: { width: 1, height: 1, data: new Uint8Array(3) },
            source: {
              dataset: 'breastmnist',
              split: 'test',
              index: place,
              name: handle,
              width: 1,
              height: 1,
              sha256: `${handle} ${String(place)}`,
            },
          })),
        ),
      release: (handle) => {
        released.push(handle);
        return Promise.resolve();
      },
    },
    'https://lab.test/probe/',
  );
  return { library, released, read };
}

const FILE = new File(['x'], 'breastmnist.npz');

test('a file is opened with its splits, and frees its pixels when it is told to', async () => {
  const { library, released } = bench();
  const images = await library.openFile(FILE, CALLS);
  expect(images).toMatchObject({ dataset: 'breastmnist', origin: 'breastmnist.npz' });
  expect(images.splits.val?.labels).toEqual([[0], [1]]);
  expect(released).toEqual([]);
  images.release?.();
  expect(released).toEqual(['train', 'val', 'test'].map((split) => `breastmnist.npz ${split}`));
});

test('a file without validation images will do; without training images it will not', async () => {
  expect((await bench(['val']).library.openFile(FILE, CALLS)).splits.val).toBeNull();
  await expect(bench(['train']).library.openFile(FILE, CALLS)).rejects.toThrow('train_images');
  // What was read before the error is freed.
  const broken = bench(['test']);
  await expect(broken.library.openFile(FILE, CALLS)).rejects.toThrow('test_images');
  expect(broken.released).toHaveLength(2);
});

test('a file of which nobody knows the set says how to settle it', async () => {
  await expect(bench([], null).library.openFile(FILE, CALLS)).rejects.toThrow(
    /may be breastmnist or pneumoniamnist: put the right one into its name/,
  );
});

afterEach(() => {
  vi.unstubAllGlobals();
});

const LIST = {
  source: 'MedMNIST v2',
  sets: [
    {
      dataset: 'breastmnist',
      file: 'breastmnist.npz',
      counts: { train: 2, val: 2, test: 2 },
      drawn: 'frequency',
      testRows: [140, 7],
      sizeBytes: 1,
    },
  ],
};

test('a set of the page is fetched once; its test images have the published rows', async () => {
  const asked: string[] = [];
  vi.stubGlobal('fetch', (url: URL) => {
    asked.push(url.pathname);
    return Promise.resolve(new Response(JSON.stringify(LIST)));
  });
  const { library, read } = bench();
  const [set] = await library.shipped();
  const images = await set?.open(CALLS.signal);
  expect(await set?.open(CALLS.signal)).toBe(images);
  expect(asked).toEqual(['/probe/probe.json', '/probe/breastmnist.npz']);
  expect(read).toEqual(['train', 'val', 'test']);
  const opened = await images?.splits.test?.open([1, 0]);
  expect(opened?.map(({ source }) => source.index)).toEqual([7, 140]);
  expect(images?.attribution).toContain('as often as in the set');
  expect(images?.release).toBeUndefined();
});

test('a list that does not come is named', async () => {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(null, { status: 404 })));
  await expect(bench().library.shipped()).rejects.toThrow(
    expect.objectContaining({ name: 'NetworkFailed' }),
  );
});
