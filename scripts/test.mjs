/**
 * `npm test`: everything that must hold, on a fresh clone. Each part runs even when one before it
 * failed; the last line counts tests and checks: `N passed, N failed`.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { installDependencies, root, runScript, runScripts } from './steps.mjs';

const reports = `${root}test-results/`;

installDependencies();
const { findChromium, installChromium } = await import('./chromium.mjs');
const chromium = findChromium() ?? installChromium();
if (!chromium) {
  console.error('No Chromium was found and none could be installed. Set CHROMIUM_PATH to one.');
  console.log('0 passed, 1 failed');
  process.exit(1);
}
const env = { CHROMIUM_PATH: chromium };
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

const total = { passed: 0, failed: 0 };

/** Steps without tests of their own, each of which counts as one; they keep one core busy each. */
async function checks(names) {
  for (const { name, code } of await runScripts(names, env)) {
    if (code === 0) total.passed += 1;
    else fail(name, 1);
  }
}

/** A step with a JSON report counts its tests; an exit code without a failed test counts as one. */
function suite(name, report, count) {
  console.log(`\n── ${name}`);
  const code = runScript(name, env);
  const { passed, failed } = existsSync(report)
    ? count(JSON.parse(readFileSync(report, 'utf8')))
    : { passed: 0, failed: 0 };
  total.passed += passed;
  if (failed > 0 || code !== 0 || passed === 0) fail(name, Math.max(1, failed));
}

function fail(name, count) {
  total.failed += count;
  console.log(`✗ ${name} failed`);
}

const countVitest = (json) => ({ passed: json.numPassedTests, failed: json.numFailedTests });
const countPlaywright = ({ stats }) => ({
  passed: stats.expected,
  failed: stats.unexpected + stats.flaky,
});

await checks(['lint', 'check']);
await checks(['format:check', 'build']);
suite('test:unit', `${reports}unit.json`, countVitest);
suite('test:browser', `${reports}browser.json`, countVitest);
suite('test:e2e', `${reports}e2e.json`, countPlaywright);

console.log(
  '\nNot part of this: test:long (more cases), test:real-server (a real transformers serve).',
);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 ? 0 : 1);
