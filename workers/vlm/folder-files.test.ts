import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { FilesSource } from '../../src/protocol/folder.ts';
import type { LoadProgress } from '../../src/protocol/vlm.ts';
import { ProgressMeter } from './checkpoint-files.ts';
import { FolderFiles } from './folder-files.ts';

const CONTENTS: Readonly<Record<string, string>> = {
  'onnx/b.onnx': 'weights',
  'config.json': '{}',
};
const source = (more: Partial<FilesSource> = {}): FilesSource => ({
  kind: 'files',
  folder: 'mine',
  manifest: {
    revision: '',
    files: Object.entries(CONTENTS).map(([path, text]) => ({ path, sizeBytes: text.length })),
  },
  files: [
    ...Object.entries(CONTENTS).map(([path, text]) => ({ path, file: new Blob([text]) })),
    { path: 'secret.txt', file: new Blob(['not of the checkpoint']) },
  ],
  ...more,
});

function opened(given: FilesSource, signal = new AbortController().signal) {
  const progress: LoadProgress[] = [];
  const meter = new ProgressMeter((one) => progress.push(one));
  return { files: new FolderFiles(given, meter, signal), progress };
}
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

test('files of the manifest are given, nothing else', async () => {
  const { files } = opened(source());
  const get = (path: string) => files.fetch(`${files.folderUrl}${path}`);
  expect(await (await get('onnx/b.onnx')).text()).toBe('weights');
  expect((await get('secret.txt')).status).toBe(404);
  expect((await files.fetch('https://elsewhere.test/config.json')).status).toBe(404);
});

test('what was read is hashed, as the manifest of a built-in folder is', async () => {
  const { files, progress } = opened(source());
  const manifest = await files.readThrough();
  const lines = [`config.json ${sha256('{}')}`, `onnx/b.onnx ${sha256('weights')}`];
  expect(manifest.revision).toBe(sha256(lines.join('\n')).slice(0, 16));
  expect(manifest.files.map(({ path }) => path)).toEqual(['config.json', 'onnx/b.onnx']);
  expect(progress.at(-1)).toMatchObject({ loadedBytes: 9, totalBytes: 9 });
});

test('a file that is gone, or another one, is named', async () => {
  const { files } = source();
  const gone = opened(source({ files: files.slice(1) }));
  await expect(gone.files.readThrough()).rejects.toMatchObject({ name: 'CheckpointMissing' });
  const other = { path: 'onnx/b.onnx', file: new Blob(['longer weights']) };
  const changed = opened(source({ files: [other, ...files.slice(1)] }));
  await expect(changed.files.readThrough()).rejects.toThrow('has 14 bytes and had 7');
  // What a browser throws for a file that changed on the disk.
  const unreadable = new Blob(['weights']);
  unreadable.arrayBuffer = () => Promise.reject(new DOMException('', 'NotReadableError'));
  const broken = opened(source({ files: [{ path: 'onnx/b.onnx', file: unreadable }] }));
  await expect(broken.files.readThrough()).rejects.toThrow('changed, moved or deleted');
});

test('Stop is heard between files', async () => {
  const { files } = opened(source(), AbortSignal.abort());
  await expect(files.readThrough()).rejects.toMatchObject({ name: 'Cancelled' });
});
