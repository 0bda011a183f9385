import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { fixtureFolder } from '../../test/support/hub-contents.ts';
import { checkpointFiles, type FolderFile } from '../protocol/folder.ts';
import { lookAtFolder } from './folder-lookup.ts';

function filesOf(name: string): readonly FolderFile[] {
  const folder = fixtureFolder(name);
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return { path: relative(folder, path), file: new Blob([readFileSync(path)]) };
    });
}
const SMOL = filesOf('smolvlm');
const file = (path: string, text: string): FolderFile => ({ path, file: new Blob([text]) });
const without = (name: string) => SMOL.filter(({ path }) => path !== name);

test('a folder has its data types with sizes, and the licence of its card', async () => {
  const card =
    '---\nlicense: other\nlicense_name: "my-terms"\nlicense_link: https://t.test/x\n---\nText';
  const { repository, dtypes } = await lookAtFolder('mine', [...SMOL, file('README.md', card)]);
  expect(repository).toMatchObject({
    repository: 'mine',
    revision: '',
    modelType: 'smolvlm',
    license: { id: 'other', name: 'my-terms', address: 'https://t.test/x' },
  });
  expect(dtypes.map(({ dtype }) => dtype)).toEqual(['fp32']);
  const sizes = dtypes[0]?.manifest.files.map(({ path, sizeBytes }) => [path, sizeBytes]) ?? [];
  expect(Object.fromEntries(sizes)).toMatchObject({ 'onnx/decoder_model_merged.onnx': 198_422 });
  expect((await lookAtFolder('mine', SMOL)).repository.license).toBeNull();
  const plain = await lookAtFolder('mine', [...SMOL, file('README.md', 'license: mit')]);
  expect(plain.repository.license).toBeNull();
});

test.each([
  ['config.json', without('config.json'), 'CheckpointMissing'],
  ['preprocessor_config.json', without('preprocessor_config.json'), 'CheckpointMissing'],
  ['onnx/embed_tokens.onnx', without('onnx/embed_tokens.onnx'), 'CheckpointMissing'],
  [
    'config.json',
    [...without('config.json'), file('config.json', '{"model_')],
    'CheckpointInvalid',
  ],
  [
    '“llava”',
    [...without('config.json'), file('config.json', '{"model_type": "llava"}')],
    'CheckpointUnsupported',
  ],
  [
    '“CLIPImageProcessor”',
    [
      ...without('preprocessor_config.json'),
      file('preprocessor_config.json', '{"image_processor_type": "CLIPImageProcessor"}'),
    ],
    'CheckpointUnsupported',
  ],
])('%s is named where it is wrong', async (words, files, name) => {
  const refused = lookAtFolder('mine', files);
  await expect(refused).rejects.toMatchObject({ name });
  await expect(refused).rejects.toThrow(words);
});

test('the checkpoint may lie in a folder of the folder; a config of a part is not its root', () => {
  const given = ['a/other.txt', 'a/b/config.json', 'a/b/onnx/x.onnx', 'a/b/part/config.json'];
  expect(checkpointFiles(given.map((path) => file(path, ''))).map(({ path }) => path)).toEqual([
    'config.json',
    'onnx/x.onnx',
    'part/config.json',
  ]);
  expect(checkpointFiles([file('x/photo.png', '')]).map(({ path }) => path)).toEqual([
    'x/photo.png',
  ]);
});
