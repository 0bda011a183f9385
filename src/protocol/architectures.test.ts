import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fixtureFolder } from '../../test/support/hub-contents.ts';
import {
  ARCHITECTURES,
  imageProcessorName,
  requireArchitecture,
  requireImageProcessor,
} from './architectures.ts';

const read = (architecture: string, file: string): unknown =>
  JSON.parse(readFileSync(`${fixtureFolder(architecture)}/${file}`, 'utf8'));

test.each(ARCHITECTURES)('%s was held against Python’s numbers', (architecture) => {
  expect(existsSync(`${fixtureFolder(architecture)}/expected.json`)).toBe(true);
  const config = read(architecture, 'config.json');
  expect(config).toMatchObject({ model_type: architecture });
  requireArchitecture(config);
  requireImageProcessor(read(architecture, 'preprocessor_config.json'));
});

test.each([{ model_type: 'llava' }, { model_type: 'Idefics3' }, {}, null, 'idefics3'])(
  'the architecture of %j is refused',
  (config) => {
    expect(() => {
      requireArchitecture(config);
    }).toThrow(expect.objectContaining({ name: 'CheckpointUnsupported' }));
  },
);

// The fields that Python's image processor saves, which exports for one tile have and no more.
test('an export of LLaVA-OneVision for one tile is refused', () => {
  const config = read('llava_onevision', 'preprocessor_config.json') as Record<string, unknown>;
  const { num_image_tokens: tokens, ...plain } = config;
  expect(tokens).toBe(16);
  expect(() => {
    requireImageProcessor(plain);
  }).toThrow(
    expect.objectContaining({
      name: 'CheckpointUnsupported',
      message: expect.stringContaining('one small picture') as string,
    }),
  );
});

test('image processors are known whatever their implementation', () => {
  expect(imageProcessorName('Qwen2VLImageProcessorFast')).toBe('Qwen2VLImageProcessor');
  expect(imageProcessorName('SiglipImageProcessor')).toBeNull();
  expect(() => {
    requireImageProcessor({ image_processor_type: 'SiglipImageProcessor' });
  }).toThrow('“SiglipImageProcessor”');
});
