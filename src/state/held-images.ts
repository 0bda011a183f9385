/** The last few hundred pictures that were asked for, so that scrolling back reads nothing anew. */

import type { RgbImage } from '../core/types.ts';

export class HeldImages {
  private readonly held = new Map<string, Promise<RgbImage | null>>();

  constructor(private readonly most: number) {}

  /** @returns `null` where the pixels are not there or cannot be read */
  get(sha256: string, read: () => Promise<RgbImage | null>): Promise<RgbImage | null> {
    const known = this.held.get(sha256);
    if (known) return known;
    for (const oldest of this.held.keys()) {
      if (this.held.size < this.most) break;
      this.held.delete(oldest);
    }
    const image = read().catch(() => null);
    this.held.set(sha256, image);
    return image;
  }
}
