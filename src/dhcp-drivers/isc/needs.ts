/** What Chainboot needs of an ISC dhcpd. */

import { access, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ChainbootError, reasonOf } from '../../errors.ts';
import type { DriverNeed } from '../types.ts';
import type { IscOptions } from './driver.ts';
import { LeasesFile, readConfiguration } from './files.ts';
import { openOmapi } from './omapi.ts';

/** dhcpd has no reload. */
const RESTART = 'dhcpd -t && systemctl restart isc-dhcp-server';

export async function iscNeeds(options: IscOptions): Promise<readonly DriverNeed[]> {
  const { name, config, includeFile, leases, pidFile, door } = options;
  return [
    await includes(name, config, includeFile),
    await tried(
      `files can be put into ${dirname(includeFile)}`,
      () => access(dirname(includeFile), constants.W_OK | constants.X_OK),
      `setfacl -m u:chainboot:rwx ${dirname(includeFile)}`,
    ),
    await hasRead(includeFile, pidFile),
    await tried(
      `OMAPI answers at ${door.host}:${door.port}${door.key ? `, and knows the key ${door.key.name}` : ''}`,
      async () => (await openOmapi({ ...door, name })).close(),
      `add to ${config}, then: ${RESTART}: omapi-port ${door.port}; omapi-key ${door.key?.name ?? '…'};`,
    ),
    await tried(
      `its leases ${leases} can be read`,
      () => new LeasesFile(name, leases).read(),
      'set leases_file to the file that dhcpd writes, and let Chainboot read it',
    ),
  ];
}

async function includes(name: string, config: string, own: string): Promise<DriverNeed> {
  const need = `${config} includes ${own}`;
  const hint = `add this line at the top level of ${config}, once the file is there, then: ${RESTART}: include "${own}";`;
  try {
    const { includesOurs } = await readConfiguration(name, config, own);
    if (includesOurs) return { need, ok: true };
    return { need, ok: false, problem: 'it does not: machines are not told what to boot', hint };
  } catch (error) {
    const where = error instanceof ChainbootError ? error.hint : '';
    return { need, ok: false, problem: reasonOf(error), hint: where };
  }
}

/** It reads what it includes at its start only. */
async function hasRead(file: string, pidFile: string): Promise<DriverNeed> {
  const need = `dhcpd has read ${file}`;
  const [changed, started] = await Promise.all([changeOf(file), changeOf(pidFile)]);
  if (changed === undefined) return { need, ok: true, instead: 'it is not written yet' };
  if (started === undefined)
    return { need, ok: true, instead: `without ${pidFile} it is not known when dhcpd was started` };
  if (changed <= started) return { need, ok: true };
  return { need, ok: false, problem: 'dhcpd was started before the file was written', hint: RESTART };
}

function changeOf(file: string): Promise<number | undefined> {
  return stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
}

async function tried(need: string, work: () => Promise<unknown>, hint: string): Promise<DriverNeed> {
  try {
    await work();
    return { need, ok: true };
  } catch (error) {
    return { need, ok: false, problem: reasonOf(error), hint };
  }
}
