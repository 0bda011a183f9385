/** What a training draws at random: apart from it, so that a test can hand it PyTorch's draws. */
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { randomBelow } from '../sets/random-below.ts';
import { emptyHead, type LinearHead } from './linear-head.ts';

export interface ProbeDraws {
  /** The untrained layer. */
  head(classes: number, width: number): LinearHead;
  /** The order of the images in the next epoch: every index from 0 to `images` − 1 once. */
  order(images: number): Uint32Array;
}

/**
 * Weights and bias uniform in ± 1 / √width, which is where `torch.nn.Linear` starts; the order by
 * Fisher–Yates. The same seed gives the same draws, though not PyTorch's.
 */
export function seededDraws(seed: number): ProbeDraws {
  const generator = xoroshiro128plus(seed);
  return {
    head(classes, width) {
      const head = emptyHead(classes, width);
      const limit = 1 / Math.sqrt(width);
      for (const values of [head.weights, head.bias]) {
        for (let place = 0; place < values.length; place += 1) {
          values[place] = limit * ((2 * (generator.next() >>> 0)) / 2 ** 32 - 1);
        }
      }
      return head;
    },
    order(images) {
      const order = Uint32Array.from({ length: images }, (_, image) => image);
      for (let last = images - 1; last > 0; last -= 1) {
        const other = randomBelow(last + 1, generator);
        [order[last], order[other]] = [order[other] ?? 0, order[last] ?? 0];
      }
      return order;
    },
  };
}
