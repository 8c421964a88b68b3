/** `chainboot why`, each fault provoked for real: transfers over TFTP that go wrong, and addresses. */

import { createSocket } from 'node:dgram';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { message } from '../../src/client/dhcp-identity.ts';
import { personaOf } from '../../src/client/personas.ts';
import { MESSAGE, OPTION } from '../../src/dhcp/options.ts';
import { encodePacket } from '../../src/dhcp/packet.ts';
import { ipv4Bytes, parseIpv4 } from '../../src/net/ip.ts';
import { proves } from '../proofs.ts';
import { fakeEfi } from '../scripted-site.ts';
import { Daemon, DEBIAN, freePorts } from './daemon.ts';
import { RawTftp } from './raw-tftp.ts';
import {
  expectTold,
  type Fault,
  hostsOf,
  LO,
  macOf,
  type Player,
  playAll,
  SUBNET,
  until,
} from './why-rig.ts';

const LATER = '+40 seconds';
const BIG = 'ipxe.pxe';
const TEMPLATES = ['Preseed default iPXE', 'Preseed default PXEGrub2', 'Preseed default'];
const clients: RawTftp[] = [];

/** A ROM that has its address and fetches its loader, and goes wrong in `play`. */
const fetching = (play: (client: RawTftp) => unknown) => async (machine: Player) => {
  await machine.powerOn('bios-rom', { dies: until('dhcp.ack') });
  const client = await RawTftp.open(machine.address, machine.daemon.ports.tftp);
  clients.push(client);
  await play(client);
};

/** A second between its tries (RFC 2349), so that our patience ends soon. */
const SOON = [{ name: 'timeout', value: '1' }];

const TFTP: readonly Fault[] = [
  {
    title: proves('tftp-blocked', 'nothing of the answer reaches the machine'),
    play: fetching((client) => client.ask(BIG, SOON)),
  },
  {
    title: proves('tftp-broke-off', 'the machine is switched off in the middle'),
    play: fetching(async (client) => {
      client.ask(BIG, SOON);
      await client.take(20);
    }),
  },
  {
    title: proves('tftp-aborted', 'the machine has no room for the file'),
    play: fetching(async (client) => {
      client.ask(BIG);
      await client.take(20);
      client.fail('Disk full');
    }),
  },
  {
    title: proves('tftp-restarts', 'the machine begins anew, and again'),
    play: fetching(async (client) => {
      for (let i = 0; i < 4; i++) {
        client.ask(BIG);
        await client.take(10);
        await sleep(1500);
      }
      client.ask(BIG);
      // It goes on for as long as it is asked about.
      void client.take(2000, 2000).catch(() => undefined);
    }),
  },
  {
    title: proves('file-name-refused', 'another server names a file outside of what is served'),
    play: fetching((client) => client.ask('../../etc/passwd')),
  },
  {
    title: proves('tftp-slow', 'every block takes half a second'),
    play: fetching(async (client) => {
      client.ask('slow.0');
      await client.take(40, 500);
    }),
    told: 'notes',
  },
  {
    title: proves('tftp-never-asked', 'the machine has its address and never asks for its loader'),
    play: (machine) => machine.powerOn('bios-rom', { dies: until('dhcp.ack') }),
    later: LATER,
  },
  {
    title: proves('tftp-size-probe', 'UEFI asks for the size first'),
    play: (machine) => machine.powerOn('uefi-x64'),
    told: 'notes',
  },
  {
    title: proves('tftp-peek', 'GRUB looks whether a file is there, and reads one block ahead'),
    play: fetching(async (client) => {
      client.ask(BIG);
      await client.take(1);
      client.fail('closed');
    }),
    told: 'notes',
  },
];

/** One message of a ROM, by hand. */
async function say(
  machine: Player,
  type: number,
  more: ReadonlyMap<number, Uint8Array>,
  xid = 0x77,
): Promise<void> {
  const rom = personaOf('bios-rom')!.firmware.dhcp;
  const uuid = '4c4c4544-0000-2010-8020-b4c04f303132';
  const packet = message(rom, { mac: machine.mac, uuid }, { type, xid, nth: 0, broadcast: true });
  const bytes = encodePacket({ ...packet, options: new Map([...packet.options, ...more]) });
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, LO, resolve));
  await new Promise<void>((resolve) => socket.send(bytes, machine.daemon.ports.dhcp, LO, () => resolve()));
  await new Promise<void>((resolve) => socket.close(() => resolve()));
}

const ipOption = (address: string) => ipv4Bytes(parseIpv4(address)!);

const DHCP: readonly Fault[] = [
  {
    title: proves('offer-not-taken', 'the offer does not reach the machine'),
    play: (machine) => machine.powerOn('bios-rom', { dies: until('dhcp.offer') }),
    later: LATER,
  },
  {
    title: proves('address-declined', 'the machine finds its address in use'),
    play: async (machine) => {
      await machine.powerOn('bios-rom', { dies: until('dhcp.ack') });
      await say(
        machine,
        MESSAGE.decline,
        new Map([
          [OPTION.requestedIp, ipOption(machine.address)],
          [OPTION.serverId, ipOption(LO)],
        ]),
      );
    },
  },
  {
    title: proves('wrong-network', 'the machine asks for the address that it had elsewhere'),
    play: (machine) => say(machine, MESSAGE.request, new Map([[OPTION.requestedIp, ipOption('10.1.2.3')]])),
  },
];

const FAULTS = [...TFTP, ...DHCP];
const daemons: Daemon[] = [];

async function serve(mode: 'server' | 'proxy', site: object): Promise<Daemon> {
  const daemon = new Daemon({
    link: { interface: 'lo', address: LO, mode },
    ports: await freePorts(),
    site: {},
    config: { syslog: { enabled: false } },
  });
  daemons.push(daemon);
  const loaders = join(daemon.directory, 'loaders');
  const files = {
    'snponly.efi': fakeEfi(),
    'undionly.kpxe': new Uint8Array(3000),
    [BIG]: new Uint8Array(1024 * 1024),
    'slow.0': new Uint8Array(30 * 512 - 10),
  };
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(loaders, name)), { recursive: true });
    writeFileSync(join(loaders, name), bytes);
  }
  daemon.writeConfig({ loaders: { directories: [loaders] } });
  const medium = { name: 'Debian local', path: join(daemon.directory, 'medium'), os_family: 'Debian' };
  daemon.writeSite({
    media: [medium],
    operatingsystems: [{ ...DEBIAN, provisioning_templates: TEMPLATES }],
    ...site,
  });
  return daemon.start();
}

afterAll(async () => {
  for (const client of clients) client.close();
  for (const daemon of daemons.splice(0)) await daemon.close();
});

describe('on a link where we give the addresses', () => {
  let daemon: Daemon;
  beforeAll(async () => {
    daemon = await serve('server', { subnets: [SUBNET], hosts: hostsOf(FAULTS) });
    await playAll(daemon, FAULTS);
  }, 240_000);

  it.each(FAULTS.map((fault, n) => [fault.title, fault, n] as const))('%s', async (_title, fault, n) => {
    await expectTold(daemon, fault, n);
  });
});

describe('where there are no addresses', () => {
  const none: readonly Fault[] = [
    {
      title: proves('no-address-free', 'the pool has one address, and another machine has it'),
      host: 'none',
      play: async (machine) => {
        await machine.powerOn('ipxe-rom', { mac: macOf(90), timeoutMs: 5000 });
        await machine.powerOn('ipxe-rom', { timeoutMs: 3000 });
      },
    },
  ];
  it.each(none.map((fault) => [fault.title, fault] as const))('%s', async (_title, fault) => {
    const pool = { ...SUBNET, from: '127.0.0.220', to: '127.0.0.220' };
    const daemon = await serve('server', { subnets: [pool] });
    await playAll(daemon, [fault]);
    await expectTold(daemon, fault, 0);
  });

  it(proves('no-subnet', 'none is declared for the link'), async () => {
    const fault: Fault = {
      title: 'no-subnet:',
      host: 'none',
      play: (machine) => machine.powerOn('ipxe-rom', { timeoutMs: 3000 }),
    };
    const daemon = await serve('server', {});
    await playAll(daemon, [fault]);
    await expectTold(daemon, fault, 0);
  });
});

describe('beside another server, which says nothing', () => {
  const beside: readonly Fault[] = [
    {
      title: proves('proxy-offer-ignored', 'the machine never comes for its boot file'),
      host: { ip: undefined },
      play: (machine) => machine.powerOn('bios-rom', { timeoutMs: 5000 }),
      later: LATER,
    },
    {
      title: proves('option-60-quirk', 'a ROM takes none of the forms of our answer'),
      host: { ip: undefined },
      play: async (machine) => {
        // Each time it is switched on anew.
        for (let xid = 1; xid <= 4; xid++) await say(machine, MESSAGE.discover, new Map(), xid);
      },
      later: LATER,
    },
  ];
  let daemon: Daemon;
  beforeAll(async () => {
    daemon = await serve('proxy', { hosts: hostsOf(beside) });
    await playAll(daemon, beside);
  });

  it.each(beside.map((fault, n) => [fault.title, fault, n] as const))('%s', async (_title, fault, n) => {
    await expectTold(daemon, fault, n);
  });
});
