/** The test hub for tests in Chromium: started once, its faults are set over HTTP (`/control`). */

import type { TestProject } from 'vitest/node';
import { fixtureFolder } from './hub-contents.ts';
import { TestHub } from './hub.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    hubEndpoint: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const hub = await TestHub.start({
    'test/smol': { folder: fixtureFolder('smolvlm') },
    'test/gemma-q4': { folder: fixtureFolder('gemma3-q4'), gated: true },
    'test/unknown': {
      folder: fixtureFolder('smolvlm'),
      files: { 'config.json': '{"model_type": "llava"}' },
    },
  });
  project.provide('hubEndpoint', hub.endpoint);
  return () => hub.close();
}
