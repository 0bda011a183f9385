import js from '@eslint/js';
import globals from 'globals';
import importX from 'eslint-plugin-import-x';
import svelte from 'eslint-plugin-svelte';
import ts from 'typescript-eslint';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';

/** The rooms of docs/architecture: what each folder may import of ours. */
const ROOMS = {
  'src/core': [],
  'src/ui': [],
  'src/protocol': ['src/core'],
  'src/data': ['src/core'],
  workers: ['src/core', 'src/protocol', 'src/data'],
  'src/backend': ['src/core', 'src/protocol', 'src/data'],
  'src/storage': ['src/core', 'src/protocol', 'src/backend/worker-link.ts'],
  'src/evaluation': [
    'src/core',
    'src/protocol',
    'src/data',
    'src/storage',
    'src/backend/answer-backend.ts',
  ],
  'src/state': [
    'src/core',
    'src/protocol',
    'src/data',
    'src/evaluation',
    'src/storage',
    'src/backend/answer-backend.ts',
    'src/backend/hub-dtypes.ts',
    'src/backend/hub-repository.ts',
  ],
  'src/charts': ['src/core', 'src/ui'],
  'src/views': ['src/state', 'src/charts', 'src/ui', 'src/core'],
};

const zones = Object.entries(ROOMS).map(([room, allowed]) => ({
  target: `./${room}`,
  message: `${room} may import only: ${['itself', ...allowed].join(', ')}.`,
  allowed: [room, ...allowed],
}));

/** import-x resolves `except` below `from`, so each forbidden room is listed on its own. */
const EVERY_ROOM = [...Object.keys(ROOMS), 'src/main.ts', 'src/App.svelte'];
const restrictedZones = zones.flatMap(({ target, message, allowed }) =>
  EVERY_ROOM.filter((room) => !allowed.includes(room)).map((room) => {
    const inside = allowed.filter((path) => path.startsWith(`${room}/`));
    return {
      target,
      from: `./${room}`,
      except: inside.map((path) => `./${path.slice(room.length + 1)}`),
      message,
    };
  }),
);

export default ts.config(
  { ignores: ['dist', 'node_modules', 'public', 'test-results', '.cache', 'recipes'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...ts.configs.stylistic,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser } },
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [
        createTypeScriptImportResolver({
          project: ['tsconfig.app.json', 'tsconfig.worker.json', 'tsconfig.node.json'],
          noWarnOnMultipleProjects: true,
        }),
      ],
    },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones: restrictedZones }],
      'import-x/no-cycle': 'error',
      'import-x/no-default-export': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser } },
  },
  {
    files: ['workers/**'],
    languageOptions: { globals: { ...globals.worker } },
  },
  {
    files: ['*.config.{js,ts}', 'scripts/**', 'test/**', '**/*.test.ts'],
    languageOptions: { globals: { ...globals.node } },
    rules: { 'import-x/no-default-export': 'off', 'no-console': 'off' },
  },
  {
    files: ['**/*.test.ts', 'test/**'],
    rules: { 'import-x/no-restricted-paths': 'off' },
  },
);
