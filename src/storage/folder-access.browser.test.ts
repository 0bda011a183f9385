/** Folder handles in a real database; the browser's private folder stands for one that was picked. */

import { afterEach, beforeEach, expect, test } from 'vitest';
import { FolderAccess, readFolder, type GivenFolder } from './folder-access.ts';

let handle: FileSystemDirectoryHandle;
let given: GivenFolder;

async function write(folder: FileSystemDirectoryHandle, name: string, text: string): Promise<void> {
  const file = await folder.getFileHandle(name, { create: true });
  const stream = await file.createWritable();
  await stream.write(text);
  await stream.close();
}

beforeEach(async () => {
  const root = await navigator.storage.getDirectory();
  handle = await root.getDirectoryHandle('mine', { create: true });
  const inside = await handle.getDirectoryHandle('export', { create: true });
  await write(inside, 'config.json', '{}');
  await write(await inside.getDirectoryHandle('onnx', { create: true }), 'a.onnx', 'weights');
  given = { name: 'mine', files: null, handle };
});
afterEach(async () => {
  const root = await navigator.storage.getDirectory();
  await root.removeEntry('mine', { recursive: true }).catch(() => undefined);
  await new FolderAccess().forget('x');
});

const paths = (files: Awaited<ReturnType<typeof readFolder>>) =>
  files.map(({ path }) => path).sort();

test('a picked folder is read below its checkpoint, and again by another page', async () => {
  const files = await readFolder(given);
  expect(paths(files)).toEqual(['config.json', 'onnx/a.onnx']);
  await new FolderAccess().attach('x', given, files);
  const again = await new FolderAccess().files('x', 'mine');
  expect(paths(again)).toEqual(['config.json', 'onnx/a.onnx']);
  expect(await again.find(({ path }) => path === 'onnx/a.onnx')?.file.text()).toBe('weights');
});

test('a folder without a handle is forgotten with the page, and one that is taken off at once', async () => {
  const access = new FolderAccess();
  const files = await readFolder(given);
  await access.attach('x', given, files);
  await access.attach('x', { ...given, handle: null }, files);
  expect(await access.files('x', 'mine')).toBe(files);
  await expect(new FolderAccess().files('x', 'mine')).rejects.toThrow('Open it again');
  await access.forget('x');
  await expect(access.files('x', 'mine')).rejects.toMatchObject({ name: 'CheckpointMissing' });
});

test('a folder that was deleted, or may not be read, is named', async () => {
  await new FolderAccess().attach('x', given, []);
  await (await navigator.storage.getDirectory()).removeEntry('mine', { recursive: true });
  await expect(new FolderAccess().files('x', 'mine')).rejects.toThrow('moved or deleted');

  const prototype = FileSystemDirectoryHandle.prototype as {
    requestPermission?: () => Promise<PermissionState>;
  };
  const { requestPermission } = prototype;
  prototype.requestPermission = () => Promise.resolve('denied');
  try {
    await expect(new FolderAccess().files('x', 'mine')).rejects.toMatchObject({
      name: 'AccessDenied',
    });
  } finally {
    if (requestPermission) prototype.requestPermission = requestPermission;
    else delete prototype.requestPermission;
  }
});
