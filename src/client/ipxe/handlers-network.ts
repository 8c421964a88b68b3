/** dhcp and the other commands about NICs. */

import { formatIpv4 } from '../../net/ip.ts';
import { BootFailure } from '../failure.ts';
import { chainUrl } from './handlers-image.ts';
import { type Configured, NEXT } from './machine.ts';
import type { Handler, Ipxe, NicState } from './run.ts';

const failed = (message: string): BootFailure => new BootFailure('script-line', message);

/** The NICs named, `netX` included; all of them when none is. */
function nicsOf(ipxe: Ipxe, words: readonly string[]): readonly NicState[] {
  if (words.length === 0) return ipxe.nics;
  return words.map((word) => {
    const name = word === 'netX' ? ipxe.settings.lastOpened : word;
    const nic = ipxe.nics.find((candidate) => candidate.name === name);
    if (nic === undefined) throw failed(`there is no NIC ${word}`);
    return nic;
  });
}

function open(ipxe: Ipxe, nic: NicState): void {
  nic.open = true;
  ipxe.settings.opened(nic.name);
}

function apply(ipxe: Ipxe, nic: NicState, told: Configured): void {
  nic.configured = true;
  for (const [code, bytes] of told.options) ipxe.settings.put(nic.name, String(code), bytes);
  ipxe.settings.putText(nic.name, 'ip', formatIpv4(told.ip));
  ipxe.settings.putText(nic.name, 'filename', told.filename);
  ipxe.settings.putText(
    nic.name,
    'next-server',
    told.nextServer === 0 ? undefined : formatIpv4(told.nextServer),
  );
  ipxe.useTftpServer(told.nextServer);
}

/** The first NIC that gets an address ends it. */
async function configure(ipxe: Ipxe, nics: readonly NicState[]): Promise<NicState> {
  let failure = new BootFailure('dhcp-silent', 'there is no NIC');
  for (const nic of nics) {
    open(ipxe, nic);
    try {
      apply(ipxe, nic, await ipxe.world.dhcp(nic.mac));
      return nic;
    } catch (error) {
      if (!(error instanceof BootFailure)) throw error;
      failure = error;
    }
  }
  throw failure;
}

const dhcp: Handler = async (ipxe, { words }) => {
  await configure(ipxe, nicsOf(ipxe, words));
  return NEXT;
};

/** `http://…` as it is; a plain name lies on the TFTP server. Empty: nothing to boot. */
function bootUrl(ipxe: Ipxe, nic: NicState): string {
  const filename = ipxe.settings.get(`${nic.name}/filename`) ?? '';
  if (/^[a-z][a-z0-9+.-]*:/i.test(filename)) return filename;
  const server = ipxe.settings.get(`${nic.name}/next-server`);
  if (filename === '' || server === undefined) {
    throw new BootFailure(
      'dhcp-nothing-to-boot',
      'DHCP gave an address but nothing to boot (no file name, or no next-server for it): Nothing to boot (2d03e13b)',
    );
  }
  return `tftp://${server}/${filename}`;
}

export const NETWORK_HANDLERS: Readonly<Record<string, Handler>> = {
  dhcp,
  ifconf: dhcp,
  async autoboot(ipxe, { words }) {
    const nic = await configure(ipxe, nicsOf(ipxe, words));
    return chainUrl(ipxe, bootUrl(ipxe, nic));
  },
  ifopen(ipxe, { words }) {
    for (const nic of nicsOf(ipxe, words)) open(ipxe, nic);
    return NEXT;
  },
  ifclose(ipxe, { words }) {
    for (const nic of nicsOf(ipxe, words)) nic.open = false;
    return NEXT;
  },
  ifstat(ipxe, { words }) {
    for (const nic of nicsOf(ipxe, words)) {
      ipxe.print(`${nic.name}: ${nic.mac} using virtual [${nic.open ? 'open' : 'closed'}]`);
    }
    return NEXT;
  },
  route(ipxe) {
    for (const nic of ipxe.nics.filter((candidate) => candidate.configured)) {
      const value = (name: string): string => ipxe.settings.get(`${nic.name}/${name}`) ?? '';
      ipxe.print(`${nic.name}: ${value('ip')}/${value('netmask')} gw ${value('gateway')}`);
    }
    return NEXT;
  },
  sync: () => NEXT,
};
