/**
 * `npm run test:real-server`: a real server, `transformers serve`, answers through the page for the
 * weights of a fixture that the page's worker runs too. Python and its packages (PyTorch for the CPU among
 * them) go into .cache/real-server; nothing else of the machine is touched.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { installDependencies, root, run, runScript } from './steps.mjs';

const home = `${root}.cache/real-server/`;
const venv = `${home}venv`;
const bin = `${venv}/${process.platform === 'win32' ? 'Scripts' : 'bin'}/`;
const checkpoint = `${home}idefics3`;
const cache = `${home}hub`;
const requirements = 'recipes/fixtures/requirements-served.txt';
const STARTS_WITHIN_MS = 180_000;

installDependencies();
const { findChromium, installChromium } = await import('./chromium.mjs');
const chromium = findChromium() ?? installChromium();
if (!chromium) stop('No Chromium was found and none could be installed. Set CHROMIUM_PATH to one.');

mkdirSync(cache, { recursive: true });
installServer();
rmSync(checkpoint, { recursive: true, force: true });
step(`${bin}python`, ['-m', 'recipes.fixtures.served', checkpoint]);
const env = { CHROMIUM_PATH: chromium };
if (runScript('build', env) !== 0) stop('The app could not be built.');
const server = await startServer();
const code = run('npx', ['playwright', 'test', 'test/e2e/real-server.spec.ts'], {
  ...env,
  REAL_SERVER: server.url,
  REAL_SERVER_MODEL: checkpoint,
});
server.process.kill();
console.log(code === 0 ? 'The real server passed.' : `Its log: ${server.log}`);
process.exit(code);

/** A virtual environment with what the server needs; kept until the lists of packages change. */
function installServer() {
  const mark = `${home}installed`;
  const lists = [requirements, 'recipes/requirements.txt'].map((path) => readFileSync(root + path));
  const wanted = createHash('sha256').update(Buffer.concat(lists)).digest('hex');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return;
  console.log('Installing the server into .cache/real-server (once; PyTorch is large).');
  rmSync(venv, { recursive: true, force: true });
  step(process.env.PYTHON ?? 'python3', ['-m', 'venv', venv]);
  step(`${bin}python`, ['-m', 'pip', 'install', '--quiet', '-r', requirements]);
  writeFileSync(mark, wanted);
}

async function startServer() {
  const port = await freePort();
  const log = `${home}server.log`;
  const out = openSync(log, 'w');
  const args = [
    'serve',
    '--enable-cors',
    '--host',
    '127.0.0.1',
    '--port',
    String(port),
    checkpoint,
  ];
  console.log(`transformers ${args.join(' ')}`);
  const child = spawn(`${bin}transformers`, args, {
    stdio: ['ignore', out, out],
    // Its list of models fails where there is no cache of downloads at all.
    env: { ...process.env, HF_HUB_OFFLINE: '1', HF_HUB_CACHE: cache, CUDA_VISIBLE_DEVICES: '' },
  });
  process.on('exit', () => child.kill());
  const url = `http://127.0.0.1:${String(port)}`;
  for (const end = Date.now() + STARTS_WITHIN_MS; Date.now() < end; await wait(500)) {
    if (child.exitCode !== null) break;
    if (
      await fetch(`${url}/health`).then(
        (reply) => reply.ok,
        () => false,
      )
    ) {
      return { process: child, url, log };
    }
  }
  console.error(readFileSync(log, 'utf8').split('\n').slice(-20).join('\n'));
  return stop('The server did not start.');
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

function step(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error || status !== 0) stop(`${command} ${args.join(' ')} failed. ${error?.message ?? ''}`);
}

function stop(words) {
  console.error(words);
  process.exit(1);
}
