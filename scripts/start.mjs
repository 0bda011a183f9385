/** `npm start`: installs what is missing, builds, serves the build on a free port, prints the URL. */
import { installDependencies, root, runScript } from './steps.mjs';

installDependencies();
console.log('Building the app (the first time compresses the runtime, about a minute).');
if (runScript('build') !== 0) process.exit(1);
const { serve } = await import('./server.mjs');
const { url } = await serve(`${root}dist`, { port: Number(process.env.PORT ?? 0) });
console.log(`\nSupportlens is running at ${url}\nPress Ctrl+C to stop.`);
