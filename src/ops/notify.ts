/** Readiness for systemd (sd_notify(3)): a datagram to the socket that NOTIFY_SOCKET names. */

import { execFile } from 'node:child_process';

export type NotifyState = 'READY=1' | 'RELOADING=1' | 'STOPPING=1';

/**
 * Node has no AF_UNIX datagrams, so the tool that comes with systemd sends it. Without a socket there is
 * nobody to tell. Failures are the caller's to log.
 */
export function notify(state: NotifyState, socket: string | undefined): Promise<void> {
  if (socket === undefined || socket === '') return Promise.resolve();
  return new Promise((resolve, reject) => {
    // --pid=parent would name this process' parent; the service manager accepts any process of the unit
    // (NotifyAccess=all in contrib/systemd).
    execFile('systemd-notify', [state], { env: { NOTIFY_SOCKET: socket, PATH: '/usr/bin:/bin' } }, (error) =>
      error === null ? resolve() : reject(error),
    );
  });
}
