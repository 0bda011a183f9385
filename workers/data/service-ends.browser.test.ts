/** How a call to the real data worker ends early: stopped by the user, or by the worker's death. */
import { afterEach, describe, expect, it } from 'vitest';
import { ImageLibrary } from '../../src/storage/image-library.ts';
import {
  endWorkers,
  makeLibrary,
  makeWorker,
  npzFile,
  read,
  refused,
  SAMPLES,
  workers,
} from '../../test/fixtures/npz/library.ts';
import { labelsNpy, npy, testSplit } from '../../test/fixtures/npz/make-npz.ts';

afterEach(endWorkers);

/** 45 MB: long enough for a message to come in between. */
function largeFile(): File {
  const [count, side] = [300, 224];
  const data = new Uint8Array(count * side * side * 3);
  return npzFile({
    test_labels: labelsNpy(new Array<number>(count).fill(0)),
    test_images: npy({ shape: [count, side, side, 3], data }),
  });
}

describe('stopping', () => {
  it('a file while it is read gives Cancelled, and the next file is read', async () => {
    const library = makeLibrary();
    const controller = new AbortController();
    let readShare = 0;
    const stopped = await refused(
      read(
        library,
        largeFile(),
        ({ readBytes, totalBytes }) => {
          readShare = readBytes / totalBytes;
          controller.abort();
        },
        controller.signal,
      ),
    );
    expect(stopped.name).toBe('Cancelled');
    expect(readShare).toBeLessThan(0.8);
    expect((await read(library, npzFile(testSplit()))).imageCount).toBe(3);
    expect(workers).toHaveLength(1);
  });

  it('before the start gives Cancelled', async () => {
    const error = await refused(
      read(makeLibrary(), npzFile(testSplit()), undefined, AbortSignal.abort()),
    );
    expect(error.name).toBe('Cancelled');
  });
});

describe('a worker that is killed', () => {
  /** The link sees a death only after it has seen the worker alive. */
  async function untilWatched(): Promise<void> {
    for (;;) {
      const { pending } = await navigator.locks.query();
      if (pending?.some(({ name }) => name?.startsWith('supportlens-worker-'))) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  it('rejects what is under way with WorkerDied, and the next call has a new worker', async () => {
    const library = makeLibrary();
    const { handle } = await read(library, npzFile(testSplit()));
    await untilWatched();
    const error = await refused(
      read(library, largeFile(), () => {
        workers[0]?.terminate();
      }),
    );
    expect(error.name).toBe('WorkerDied');
    expect((await refused(library.imageAt(handle, 0))).message).toMatch(/was closed. Open it agai/);
    expect((await read(library, npzFile(testSplit()))).imageCount).toBe(3);
    expect(workers).toHaveLength(2);
  });

  it('by an error at its start rejects too', async () => {
    const broken = new Blob(['throw new Error("no such thing")'], { type: 'text/javascript' });
    const makers = [() => new Worker(URL.createObjectURL(broken)), makeWorker];
    const library = new ImageLibrary(SAMPLES, (name) => (makers.shift() ?? makeWorker)(name));
    const error = await refused(read(library, npzFile(testSplit())));
    expect(error.name).toBe('WorkerDied');
    expect((await read(library, npzFile(testSplit()))).imageCount).toBe(3);
  });
});
