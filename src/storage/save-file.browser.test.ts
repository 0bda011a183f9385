/** The dialog is the browser's and needs a person: what it gives is a real file of the page's own folder. */

import { afterEach, expect, test } from 'vitest';
import { writePieces } from './pieces.ts';
import { chooseFile } from './save-file.ts';

const dialog = window as { showSaveFilePicker?: unknown };
const own = dialog.showSaveFilePicker;
afterEach(() => {
  dialog.showSaveFilePicker = own;
});

test('the chosen file is written to', async () => {
  const folder = await navigator.storage.getDirectory();
  const handle = await folder.getFileHandle('chosen.csv', { create: true });
  const asked: unknown[] = [];
  dialog.showSaveFilePicker = (options: unknown) => {
    asked.push(options);
    return Promise.resolve(handle);
  };
  const chosen = await chooseFile('suggested.csv', 'text/csv');
  if (!chosen) throw new Error('no place');
  expect(chosen.name).toBe('chosen.csv');
  await writePieces(['a,b\r\n', '1,2\r\n'], chosen.stream);
  expect(await (await handle.getFile()).text()).toBe('a,b\r\n1,2\r\n');
  expect(asked).toEqual([
    { suggestedName: 'suggested.csv', types: [{ accept: { 'text/csv': ['.csv'] } }] },
  ]);
  await folder.removeEntry('chosen.csv');
});

test.each([
  ['AbortError', 'Cancelled'],
  ['NotAllowedError', 'StorageFailed'],
])('%s is %s', async (name, error) => {
  dialog.showSaveFilePicker = () => Promise.reject(new DOMException('no', name));
  await expect(chooseFile('a.csv', 'text/csv')).rejects.toMatchObject({ name: error });
});

test('a browser without the dialog says so', async () => {
  dialog.showSaveFilePicker = undefined;
  expect(await chooseFile('a.csv', 'text/csv')).toBeNull();
});
