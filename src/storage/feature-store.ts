/**
 * Features of images that were encoded once, by checkpoint and by the SHA-256 of the image's pixels: a study
 * that was stopped, or a page that was closed, goes on with the first image that is missing.
 */

import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { FeatureKind } from '../core/probe/features.ts';
import { guarded, storageError, written } from './store-requests.ts';

/** Of one image: a row of each kind that the checkpoint gives. */
export type ImageFeatures = Readonly<Partial<Record<FeatureKind, Float32Array>>>;

/** Weights and data types, as `weightsKey` (weights-key.ts) writes them. The device is no part of it: it moves the last digits. */
type FeatureKey = [weights: string, sha256: string];

interface Schema extends DBSchema {
  features: { key: FeatureKey; value: ImageFeatures };
}

export class FeatureStore {
  private constructor(private readonly db: IDBPDatabase<Schema>) {}

  /** @throws NamedError `StorageFailed` where the browser gives no database */
  static async open(name = 'supportlens-features'): Promise<FeatureStore> {
    try {
      const db = await openDB<Schema>(name, 1, {
        upgrade: (database) => {
          database.createObjectStore('features');
        },
        blocking: (_current, _blocked, event) => {
          (event.target as IDBDatabase).close();
        },
      });
      return new FeatureStore(db);
    } catch (thrown) {
      throw storageError(thrown);
    }
  }

  /** In the order of `sha256s`; `null` where an image was not encoded by these weights. */
  get(weights: string, sha256s: readonly string[]): Promise<readonly (ImageFeatures | null)[]> {
    return guarded(async () => {
      const { store } = this.db.transaction('features');
      const found = await Promise.all(sha256s.map((sha256) => store.get([weights, sha256])));
      return found.map((features) => features ?? null);
    });
  }

  async put(weights: string, rows: ReadonlyMap<string, ImageFeatures>): Promise<void> {
    await guarded(async () => {
      const transaction = this.db.transaction('features', 'readwrite');
      await written(
        transaction,
        [...rows].map(
          ([sha256, features]) =>
            () =>
              transaction.store.put(features, [weights, sha256]),
        ),
      );
    });
  }
}
