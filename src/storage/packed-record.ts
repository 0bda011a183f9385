/** A record as it is stored: its samples packed, all else as it is. */

import type { ItemNulls, ItemRecord, Sample, WrongImageDraw } from '../core/types.ts';
import {
  packedBytes,
  packSamples,
  samplesOf,
  unpackSamples,
  type PackedSamples,
} from './packed-samples.ts';
import type { NullsOf, RecordOf, RecordSource } from './record-source.ts';

type Packed<Draw> = Omit<Draw, 'samples'> & { readonly samples: PackedSamples };

interface PackedNulls {
  readonly secondSeed: Omit<ItemNulls['secondSeed'], 'drawn'> & {
    readonly drawn: Packed<NonNullable<ItemNulls['secondSeed']['drawn']>> | null;
  };
  readonly wrongImages: Omit<ItemNulls['wrongImages'], 'drawn'> & {
    readonly drawn:
      | (Omit<NonNullable<ItemNulls['wrongImages']['drawn']>, 'images'> & {
          readonly images: readonly Packed<WrongImageDraw>[];
        })
      | null;
  };
}

export interface PackedRecord {
  readonly head: Omit<ItemRecord, 'samples' | 'greedy' | 'nulls'>;
  readonly samples: PackedSamples;
  /** One sample, or none. */
  readonly greedy: PackedSamples;
  /** `null` when the run was not asked for them. */
  readonly nulls: PackedNulls | null;
}

const pack = <Draw extends { readonly samples: readonly Sample[] }>(draw: Draw): Packed<Draw> => ({
  ...draw,
  samples: packSamples(draw.samples),
});

export function packRecord({ samples, greedy, nulls, ...head }: ItemRecord): PackedRecord {
  return {
    head,
    samples: packSamples(samples),
    greedy: packSamples(greedy ? [greedy] : []),
    nulls: nulls ? packNulls(nulls) : null,
  };
}

export function unpackRecord(packed: PackedRecord): ItemRecord {
  return openRecord(packed, unpackSamples);
}

/** A record whose samples are unpacked one by one, each time they are read. */
export function recordSource(packed: PackedRecord): RecordSource {
  return openRecord(packed, (samples) => ({ [Symbol.iterator]: () => samplesOf(samples) }));
}

function openRecord<Samples>(
  { head, samples, greedy, nulls }: PackedRecord,
  open: (samples: PackedSamples) => Samples,
): RecordOf<Samples> {
  return {
    ...head,
    samples: open(samples),
    greedy: unpackSamples(greedy)[0] ?? null,
    ...(nulls && { nulls: openNulls(nulls, open) }),
  };
}

/** About what it takes in storage. */
export function packedRecordBytes({ head, samples, greedy, nulls }: PackedRecord): number {
  const draws = [
    samples,
    greedy,
    nulls?.secondSeed.drawn?.samples,
    ...(nulls?.wrongImages.drawn?.images.map((image) => image.samples) ?? []),
  ];
  return draws.reduce<number>(
    (sum, draw) => sum + (draw ? packedBytes(draw) : 0),
    JSON.stringify(head).length,
  );
}

function packNulls({ secondSeed, wrongImages }: ItemNulls): PackedNulls {
  return {
    secondSeed: { ...secondSeed, drawn: secondSeed.drawn && pack(secondSeed.drawn) },
    wrongImages: {
      ...wrongImages,
      drawn: wrongImages.drawn && {
        ...wrongImages.drawn,
        images: wrongImages.drawn.images.map(pack),
      },
    },
  };
}

function openNulls<Samples>(
  { secondSeed, wrongImages }: PackedNulls,
  open: (samples: PackedSamples) => Samples,
): NullsOf<Samples> {
  const opened = <Draw extends { readonly samples: PackedSamples }>(draw: Draw) => ({
    ...draw,
    samples: open(draw.samples),
  });
  return {
    secondSeed: { ...secondSeed, drawn: secondSeed.drawn && opened(secondSeed.drawn) },
    wrongImages: {
      ...wrongImages,
      drawn: wrongImages.drawn && {
        ...wrongImages.drawn,
        images: wrongImages.drawn.images.map(opened),
      },
    },
  };
}
