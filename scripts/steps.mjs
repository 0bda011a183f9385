/** What `npm start` and `npm test` share: installing what is missing and running a step. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/** Runs a command in the project's root with its output shown; returns the exit code. */
export function run(command, args, env = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
    shell: process.platform === 'win32',
  });
  return result.status ?? 1;
}

/** Runs scripts side by side and shows what each said when all have ended; returns their exit codes. */
export async function runScripts(names, env = {}) {
  const runs = names.map(
    (name) =>
      new Promise((resolve) => {
        const child = spawn(npm, ['run', '--silent', name], {
          cwd: root,
          env: { ...process.env, ...env },
          shell: process.platform === 'win32',
        });
        let said = '';
        for (const stream of [child.stdout, child.stderr]) {
          stream.setEncoding('utf8');
          stream.on('data', (text) => (said += text));
        }
        child.on('close', (code) => resolve({ name, said, code: code ?? 1 }));
        child.on('error', ({ message }) => resolve({ name, said: message, code: 1 }));
      }),
  );
  const ended = await Promise.all(runs);
  for (const { name, said } of ended) console.log(`\n── ${name}\n${said.trimEnd()}`);
  return ended;
}

export const runScript = (name, env) => run(npm, ['run', '--silent', name], env);

/** Installs the dependencies when the lock file is newer than what is installed. */
export function installDependencies() {
  const installed = `${root}node_modules/.package-lock.json`;
  const upToDate = existsSync(installed) && sameVersions(installed);
  if (upToDate) return;
  console.log('Installing dependencies (npm ci).');
  if (run(npm, ['ci', '--no-audit', '--no-fund']) !== 0) process.exit(1);
}

/** Whether every package of the lock file that belongs on this machine is installed in its version. */
function sameVersions(installedFile) {
  const read = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
  const installed = read(installedFile);
  return Object.entries(read(`${root}package-lock.json`)).every(
    ([path, wanted]) =>
      !path.startsWith('node_modules/') ||
      wanted.optional ||
      installed[path]?.version === wanted.version,
  );
}
