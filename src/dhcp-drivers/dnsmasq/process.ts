/** The process of dnsmasq, by its pid file. */

import { readFile } from 'node:fs/promises';

/**
 * Signal 0 only looks whether it is there. A pid file may have outlived its process, and the number be another's now, which
 * SIGHUP would end.
 * Rejects with an Error for people.
 */
export async function signalDnsmasq(pidFile: string, signal: 'SIGHUP' | 0): Promise<void> {
  const down = `it does not run (${pidFile})`;
  const pid = Number((await unlessGone(pidFile, down)).trim());
  if (!Number.isSafeInteger(pid) || pid <= 1) throw new Error(`${pidFile} has no process id in it`);
  const program = (await unlessGone(`/proc/${pid}/comm`, down)).trim();
  if (program !== 'dnsmasq') throw new Error(`${down}: process ${pid} is ${program}`);
  try {
    process.kill(pid, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(code === 'EPERM' ? 'it runs as another user, so it cannot be told of changes' : down, {
      cause: error,
    });
  }
}

async function unlessGone(file: string, down: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new Error(down, { cause: error });
    throw error;
  }
}
