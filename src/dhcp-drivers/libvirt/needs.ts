/** What Chainboot needs of a network of libvirt. */

import { ChainbootError, reasonOf } from '../../errors.ts';
import type { DriverNeed } from '../types.ts';
import { type Layer, layersOf } from './layers.ts';
import { escaped } from './network.ts';
import type { Virsh } from './virsh.ts';

export type NeedsContext = {
  readonly virsh: Virsh;
  readonly name: string;
  readonly network: string;
  readonly script: string;
};

export async function libvirtNeeds(context: NeedsContext): Promise<readonly DriverNeed[]> {
  const { virsh, name, network } = context;
  const need = `virsh reaches the network ${network}`;
  let layers: readonly Layer[];
  try {
    layers = await layersOf(virsh, network, name);
  } catch (error) {
    const hint = error instanceof ChainbootError ? error.hint : '';
    return [{ need, ok: false, problem: reasonOf(error), hint }];
  }
  return [
    { need, ok: true },
    lasting(layers, network),
    addresses(layers, network),
    bootFile(layers, context),
  ];
}

function lasting(layers: readonly Layer[], network: string): DriverNeed {
  const need = `${network} is persistent`;
  if (layers.some(({ flag }) => flag === '--config')) return { need, ok: true };
  return {
    need,
    ok: false,
    problem: 'it is transient: what is added is gone when it is stopped',
    hint: `virsh net-dumpxml ${network} > ${network}.xml && virsh net-define ${network}.xml`,
  };
}

function addresses(layers: readonly Layer[], network: string): DriverNeed {
  const need = `${network} gives addresses`;
  if (layers.every(({ network: each }) => each.subnet !== undefined)) return { need, ok: true };
  return {
    need,
    ok: false,
    problem: 'it has no <ip> of IPv4 with <dhcp> in it',
    hint: `virsh net-edit ${network}: <ip address='…' netmask='…'><dhcp><range start='…' end='…'/></dhcp></ip>`,
  };
}

/**
 * The boot file is of the network, and `net-update` cannot change it. libvirt cannot tell a ROM from an iPXE either, so that it
 * is the script: the ROMs of QEMU are iPXE, those of BIOS and those that OVMF runs.
 */
function bootFile(layers: readonly Layer[], { network, script }: NeedsContext): DriverNeed {
  const line = `<bootp file='${escaped(script)}'/>`;
  const need = `${network} has ${line}`;
  const wrong = layers.filter((layer) => layer.network.bootFile !== script);
  if (wrong.length === 0) return { need, ok: true };
  const restart = `virsh net-destroy ${network} && virsh net-start ${network}`;
  const written = wrong.every(({ flag }) => flag === '--live') && layers.length > 1;
  const found = wrong[0]?.network.bootFile;
  return {
    need,
    ok: false,
    problem: written
      ? 'it is written down, and not in effect before the network is started anew'
      : `its machines are told ${found === undefined ? 'no boot file' : `"${found}"`}, and libvirt changes that of no running network`,
    hint: written
      ? `${restart} (machines that run lose their network until they are plugged in again)`
      : `virsh net-edit ${network}, below <dhcp>: ${line} in place of any other <bootp>; then ${restart} (machines that run lose their network until they are plugged in again)`,
  };
}
