/** `npm run test:long`: the sampler against its definitions on more cases than every run can afford. */
import { installDependencies, run } from './steps.mjs';

installDependencies();
const { findChromium } = await import('./chromium.mjs');
const chromium = findChromium();
if (!chromium) {
  console.error('No Chromium was found. Run npm test once, or set CHROMIUM_PATH.');
  process.exit(1);
}
const code = run(
  'npx',
  ['vitest', 'run', '--project', 'browser', 'test/boundary', 'test/parity', 'src/storage'],
  {
    CHROMIUM_PATH: chromium,
    VITE_TREE_CASES: '300',
    VITE_DISTRIBUTION_K: '4096',
    VITE_ESTIMATE_REPEATS: '200',
    VITE_ESTIMATE_ITEMS: '4',
    VITE_REWEIGHT_REPEATS: '20',
    VITE_LEAK_RUNS: '200',
    VITE_LEAK_RUNS_GPU: '20',
    VITE_EXACT_ITEMS: '30',
    VITE_STORE_ITEMS: '10000',
  },
);
process.exit(code);
