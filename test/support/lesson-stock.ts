/** What a page has for lessons on which nobody opened a file or added a checkpoint. */
import gallery from '../../public/samples/gallery.json' with { type: 'json' };
import { BUILT_IN_CHECKPOINTS } from '../../src/backend/checkpoints.ts';
import type { LessonStock } from '../../src/data/lesson-stock.ts';

const shipped = new Map(
  gallery.sets.map(({ dataset, images }) => [
    dataset,
    images.map(({ index }) => index).sort((a, b) => a - b),
  ]),
);

export const BUILT_IN_STOCK: LessonStock = {
  shipped,
  hasImage: (dataset, index) => shipped.get(dataset)?.includes(index) === true,
  checkpoints: BUILT_IN_CHECKPOINTS.map(({ id }) => id),
};
