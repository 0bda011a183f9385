import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { manifestOf } from './manifest.mjs';

const MODELS = new URL('../public/models/', import.meta.url);

test.each(readdirSync(MODELS))('the manifest of %s is that of its files', (name) => {
  const stored: unknown = JSON.parse(
    readFileSync(new URL(`${name}/manifest.json`, MODELS), 'utf8'),
  );
  expect(stored).toEqual(manifestOf(fileURLToPath(new URL(name, MODELS))));
});
