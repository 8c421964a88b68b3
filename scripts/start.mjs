/** `npm start`: gets everything the demo needs and plays it. Arguments go to `chainboot demo`. */

import { spawn } from 'node:child_process';
import { environment } from './debian.mjs';
import { ROOT, say, setUp } from './setup.mjs';

if (!setUp('demo')) {
  say('The program could not be built; see above.');
  process.exit(1);
}
const demo = spawn(process.execPath, ['dist/main.js', 'demo', ...process.argv.slice(2)], {
  cwd: ROOT,
  stdio: 'inherit',
  env: environment(),
});
// Ctrl-C reaches the demo through the terminal as well; it takes a signal twice without harm. We stay until it
// has put everything away.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => demo.kill(signal));
demo.once('exit', (code, signal) => {
  process.exitCode = signal === null ? (code ?? 1) : 1;
});
