/**
 * The probe images that are shipped are what their list says, and the data worker opens them as the
 * sets they are: `recipes/probe/make_images.py` writes both, from the parts that the family was split into.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Split } from '../../src/core/types.ts';
import { readNpzImages } from '../../workers/data/npz.ts';

interface Listed {
  readonly dataset: string;
  readonly file: string;
  readonly counts: Readonly<Record<Split, number>>;
  readonly testRows: readonly number[];
  readonly sizeBytes: number;
  readonly sha256: string;
}

interface Gallery {
  readonly sets: readonly {
    readonly dataset: string;
    readonly images: readonly {
      readonly index: number;
      readonly label: number;
      readonly sha256: string;
    }[];
  }[];
}

const PUBLIC = new URL('../../public/', import.meta.url);
const SPLITS = ['train', 'val', 'test'] as const;
const LIMIT_BYTES = 4e6;

const bytesOf = (path: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(new URL(path, PUBLIC)));
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const json = (path: string): unknown => JSON.parse(readFileSync(new URL(path, PUBLIC), 'utf8'));

const { sets } = json('probe/probe.json') as { readonly sets: readonly Listed[] };
const gallery = json('samples/gallery.json') as Gallery;

/** SHA-256 of an image's RGB bytes, as the gallery has it. */
function imageHash(pixels: Uint8Array, channels: 1 | 3): string {
  if (channels === 3) return sha256(pixels);
  return sha256(
    Uint8Array.from({ length: pixels.length * 3 }, (_, at) => pixels[Math.floor(at / 3)] ?? NaN),
  );
}

test('the list names every file that is there, with its size and hash, and all are small', () => {
  const files = readdirSync(new URL('probe/', PUBLIC)).filter((name) => name !== 'probe.json');
  expect(sets.map(({ file }) => file).sort()).toEqual(files.sort());
  expect(sets.map(({ dataset }) => dataset)).toEqual(gallery.sets.map(({ dataset }) => dataset));
  for (const { file, sizeBytes, sha256: listed } of sets) {
    const bytes = bytesOf(`probe/${file}`);
    expect({ sizeBytes: bytes.length, sha256: sha256(bytes) }).toEqual({
      sizeBytes,
      sha256: listed,
    });
  }
  expect(sets.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)).toBeLessThan(LIMIT_BYTES);
});

test.each(sets)('$file opens as what it is; no image is there twice', async (listed) => {
  const blob = new Blob([bytesOf(`probe/${listed.file}`)]);
  const hashes: Partial<Record<Split, readonly string[]>> = {};
  const labels: Partial<Record<Split, readonly number[]>> = {};
  for (const split of SPLITS) {
    const read = await readNpzImages(blob, listed.file, { aborted: false }, undefined, split);
    expect(read.candidates).toEqual([listed.dataset]);
    expect([read.side, read.imageCount]).toEqual([28, listed.counts[split]]);
    const size = read.pixels.length / read.imageCount;
    hashes[split] = read.labels.map((_, row) =>
      imageHash(read.pixels.subarray(row * size, (row + 1) * size), read.channels),
    );
    labels[split] = read.labels.flat();
  }
  const every = Object.values(hashes).flat();
  expect(new Set(every).size).toBe(every.length);

  const shown = gallery.sets.find(({ dataset }) => dataset === listed.dataset)?.images ?? [];
  expect(shown).toHaveLength(40);
  expect(hashes.test?.slice(0, 40)).toEqual(shown.map(({ sha256: hash }) => hash));
  expect(listed.testRows).toHaveLength(listed.counts.test);
  expect(listed.testRows.slice(0, 40)).toEqual(shown.map(({ index }) => index));
  expect(labels.test?.slice(0, 40)).toEqual(shown.map(({ label }) => label));
});
