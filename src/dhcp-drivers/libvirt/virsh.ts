/** The program virsh, which speaks to libvirt wherever that is. */

import { execFile } from 'node:child_process';
import { ChainbootError } from '../../errors.ts';

export type Virsh = (...args: readonly string[]) => Promise<string>;

export type VirshOptions = {
  /** Of the server, for errors. */
  readonly name: string;
  /** `qemu:///system`, or `qemu+ssh://root@host/system`; undefined: what virsh takes by itself. */
  readonly uri?: string;
  /** The program; `virsh` in the PATH. */
  readonly program?: string;
  /** Milliseconds that one command may take. */
  readonly timeout?: number;
};

const TIMEOUT_MS = 30_000;
/** A network with tens of thousands of hosts. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Rejects with DHCP_SERVER_UNREACHABLE, or DHCP_SERVER_REFUSED with the words of libvirt. */
export function virshOf({ name, uri, program = 'virsh', timeout = TIMEOUT_MS }: VirshOptions): Virsh {
  const connect = uri === undefined ? [] : ['--connect', uri];
  return (...args) =>
    new Promise((resolve, reject) => {
      // Its tables are in the language and the time zone of whoever runs it.
      const all = ['LC_ALL=C', 'TZ=UTC', program, '--quiet', ...connect, ...args];
      const options = { timeout, killSignal: 'SIGKILL', maxBuffer: MAX_BYTES } as const;
      const child = execFile('env', all, options, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(failure(name, args[0] ?? '', stderr, error, timeout));
      });
      // It would ask for passwords there.
      child.stdin?.end();
    });
}

const NO_PROGRAM = 127;

function failure(
  server: string,
  what: string,
  stderr: string,
  error: { readonly killed?: boolean; readonly code?: unknown; readonly message: string },
  timeout: number,
): ChainbootError {
  const unreachable = (reason: string) =>
    new ChainbootError('DHCP_SERVER_UNREACHABLE', { server, reason }, [], error);
  const words = stderr
    .replace(/^error: /gm, '')
    .split('\n')
    .filter(Boolean)
    .join(': ');
  if (error.killed) return unreachable(`virsh has not ended within ${timeout / 1000} s`);
  if (error.code === NO_PROGRAM) return unreachable(`${words} (Debian: libvirt-clients)`);
  if (/failed to connect to the hypervisor|Disconnected from|client socket is closed/.test(words))
    return unreachable(words);
  return new ChainbootError(
    'DHCP_SERVER_REFUSED',
    { server, what, reason: words || error.message },
    [],
    error,
  );
}
