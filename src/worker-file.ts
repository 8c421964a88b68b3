/** Where the JavaScript of a worker thread is. */

import { existsSync } from 'node:fs';

/**
 * The file beside the caller. Run from src (by tests), there is no JavaScript beside it: what was built is taken.
 * @param caller `import.meta.url`
 * @param name `./worker.js`
 */
export function workerFile(caller: string, name: string): URL {
  const beside = new URL(name, caller);
  if (existsSync(beside)) return beside;
  const at = beside.href.lastIndexOf('/src/');
  return new URL(`${beside.href.slice(0, at)}/dist/${beside.href.slice(at + '/src/'.length)}`);
}
