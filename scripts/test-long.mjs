/**
 * `npm run test:long`: the sampler against its definitions on more cases than every run can afford, and
 * a run over 300 items that is killed and resumed, memory over five loads, and what faults of a server cost
 * a run over 2,000 items.
 */
import { installDependencies, run, runScript } from './steps.mjs';

installDependencies();
const { findChromium } = await import('./chromium.mjs');
const chromium = findChromium();
if (!chromium) {
  console.error('No Chromium was found. Run npm test once, or set CHROMIUM_PATH.');
  process.exit(1);
}
const env = { CHROMIUM_PATH: chromium };
const codes = [
  run(
    'npx',
    ['vitest', 'run', '--project', 'browser', 'test/boundary', 'test/parity', 'src/storage'],
    {
      ...env,
      VITE_TREE_CASES: '300',
      VITE_DISTRIBUTION_K: '4096',
      VITE_ESTIMATE_REPEATS: '200',
      VITE_ESTIMATE_ITEMS: '4',
      VITE_REWEIGHT_REPEATS: '20',
      VITE_LEAK_RUNS: '200',
      VITE_LEAK_RUNS_GPU: '20',
      VITE_EXACT_ITEMS: '30',
      VITE_STORE_ITEMS: '10000',
      VITE_ALL_ARCHITECTURES: '1',
    },
  ),
  run('npx', ['vitest', 'run', '--project', 'unit', 'test/boundary/server-load-cost.test.ts'], {
    ...env,
    SERVED_ITEMS: '2000',
  }),
  runScript('build', env),
  run('npx', ['playwright', 'test'], {
    ...env,
    E2E_LONG: '1',
  }),
];
process.exit(codes.some((code) => code !== 0) ? 1 : 0);
