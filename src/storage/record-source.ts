/**
 * A record whose samples may be something else than an array: what is read sample by sample need not
 * be there as a whole. An `ItemRecord` is a `RecordSource` too.
 */

import type {
  ItemNulls,
  ItemRecord,
  NullPart,
  Sample,
  SecondSeedDraw,
  WrongImageDraw,
  WrongImagesDraw,
} from '../core/types.ts';

type With<Samples, Draw extends { readonly samples: readonly Sample[] }> = Omit<Draw, 'samples'> & {
  readonly samples: Samples;
};

export interface NullsOf<Samples> extends Omit<ItemNulls, 'secondSeed' | 'wrongImages'> {
  readonly secondSeed: NullPart<With<Samples, SecondSeedDraw>>;
  readonly wrongImages: NullPart<
    Omit<WrongImagesDraw, 'images'> & { readonly images: readonly With<Samples, WrongImageDraw>[] }
  >;
}

export interface RecordOf<Samples> extends Omit<ItemRecord, 'samples' | 'nulls'> {
  readonly samples: Samples;
  readonly nulls?: NullsOf<Samples>;
}

export type RecordSource = RecordOf<Iterable<Sample>>;
