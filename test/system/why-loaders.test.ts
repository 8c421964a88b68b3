/** `chainboot why`, each fault provoked for real: loaders that are not there or do not start, and iPXE up to its kernel. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Persona, personaOf } from '../../src/client/personas.ts';
import { proves } from '../proofs.ts';
import { fakeEfi, fakeLoader } from '../scripted-site.ts';
import { Daemon, DEBIAN, freePorts } from './daemon.ts';
import {
  expectTold,
  type Fault,
  hostsOf,
  type Player,
  playAll,
  SUBNET,
  setSyslogPort,
  until,
} from './why-rig.ts';

const IPXE = 'ipxe-rom';
const LATER = '+40 seconds';
const TEMPLATES = ['Preseed default iPXE', 'Preseed default PXEGrub2', 'Preseed default'];
/** Those for BIOS and for UEFI on x86-64; for ARM, a shim without its GRUB. */
const LOADERS: Readonly<Record<string, Uint8Array>> = {
  'undionly.kpxe': fakeLoader(),
  'pxelinux.0': fakeLoader(),
  'ldlinux.c32': fakeLoader(),
  'snponly.efi': fakeEfi(),
  'grub2/grubx64.0': fakeLoader(),
  'grub2/grubx64.efi': fakeEfi(),
  'grub2/shimx64.efi': fakeEfi(),
  'grub2/shimaa64.efi': fakeEfi(),
};

const bios = personaOf('bios-rom')!;
/** A processor that no loader is for: s390 (IANA, PXE architectures). */
const mainframe: Persona = {
  ...bios,
  firmware: {
    ...bios.firmware,
    dhcp: { ...bios.firmware.dhcp, arch: 31, vendorClass: 'PXEClient:Arch:00031:UNDI:002001' },
  },
};

const fetched = (name: string) => (event: Parameters<ReturnType<typeof until>>[0]) =>
  (event.kind === 'tftp.file' || event.kind === 'http.file') && (event.url ?? '').includes(name);

/** What curl says when it cannot fetch from our HTTPS, as an installer's log has it. */
async function curl(machine: Player, command: readonly string[]): Promise<void> {
  const [file, ...args] = command;
  const { stderr } = spawnSync(file!, args, { encoding: 'utf8' });
  const line = stderr.split('\n').find((each) => each.startsWith('curl: ('));
  expect(line).toBeDefined();
  await machine.log(`<30>Nov  3 12:00:00 fetch-url: ${line}`);
}

const DIES = { dies: fetched('pxelinux.0') };
let httpsPort: number;
const FAULTS: readonly Fault[] = [
  {
    title: proves('loader-missing', 'the GRUB for BIOS was there, and is gone'),
    host: { pxe_loader: 'Grub2 BIOS' },
    play: (machine) => machine.powerOn('bios-rom', { timeoutMs: 10_000 }),
  },
  {
    title: proves('loader-none', 'the host is set to none'),
    host: { pxe_loader: 'None' },
    play: (machine) => machine.powerOn('bios-rom', { timeoutMs: 5000 }),
  },
  {
    title: proves('no-loader-for-architecture', 'a mainframe boots'),
    play: (machine) => machine.powerOn(mainframe, { timeoutMs: 5000 }),
  },
  {
    title: proves(
      'loader-wrong-architecture',
      'another server names PXELINUX, and a UEFI machine asks for it',
    ),
    play: (machine) => machine.powerOn({ ...personaOf('uefi-x64')!, loader: 'pxelinux.0' }, DIES),
    later: LATER,
  },
  {
    title: proves('stopped-without-grub', 'beside the shim there is no GRUB'),
    host: { pxe_loader: 'Grub2 UEFI SecureBoot' },
    play: (machine) => machine.powerOn('uefi-arm64', { timeoutMs: 10_000 }),
    later: LATER,
  },
  {
    title: proves('stopped-at-grub', 'shim does not start the GRUB that it fetched'),
    host: { pxe_loader: 'Grub2 UEFI SecureBoot' },
    play: (machine) => machine.powerOn('uefi-x64', { dies: fetched('grubx64') }),
    later: LATER,
  },
  {
    title: proves('stopped-at-grub-http', 'a GRUB without HTTP came by HTTP'),
    host: { pxe_loader: 'Grub2 UEFI HTTP' },
    play: (machine) => machine.powerOn('uefi-http-x64', { dies: fetched('grubx64') }),
    later: LATER,
  },
  {
    title: proves('stopped-at-loader', 'a firmware does not start the iPXE that it fetched'),
    play: (machine) => machine.powerOn('uefi-x64', { dies: fetched('snponly') }),
    later: LATER,
  },
  {
    title: proves('ipxe-without-driver', 'the iPXE of a BIOS machine finds no card'),
    play: (machine) => machine.powerOn('bios-rom', { dies: fetched('undionly') }),
    later: LATER,
  },
  {
    title: proves('http-boot-never-came', 'UEFI HTTP boot is named a URL and does not come'),
    play: (machine) => machine.powerOn('uefi-http-x64', { dies: until('dhcp.ack') }),
    later: LATER,
  },
  {
    title: proves('stopped-before-tls', 'UEFI HTTP boot is named an https URL and does not come'),
    host: { pxe_loader: 'Grub2 UEFI HTTPS' },
    play: (machine) => machine.powerOn('uefi-http-x64', { dies: until('dhcp.ack') }),
    later: LATER,
  },
  {
    title: proves('ipxe-without-https', 'an iPXE is sent to https and does not come'),
    play: (machine) => machine.powerOn('ipxe-https', { dies: until('dhcp.ack') }),
    later: LATER,
  },
  {
    title: proves('script-not-fetched', 'an iPXE is named its script and does not come'),
    play: (machine) => machine.powerOn(IPXE, { dies: until('dhcp.ack') }),
    later: LATER,
  },
  {
    title: proves('script-without-kernel', 'the mirror that the script names is not there'),
    host: { medium: 'Far away' },
    play: (machine) => machine.powerOn(IPXE, { timeoutMs: 5000 }),
    later: LATER,
  },
  {
    title: proves('medium-unreachable-from-here', 'nobody answers where the medium is'),
    host: { medium: 'Far away' },
    play: (machine) => machine.powerOn(IPXE, { dies: until('dhcp.ack') }),
    later: LATER,
    told: 'also',
  },
  {
    title: proves('certificate-not-trusted', 'curl of an installer does not know our root'),
    needs: ['curl'],
    play: async (machine) => {
      await machine.powerOn(IPXE, { installer: false });
      await curl(machine, ['curl', '-sS', `https://127.0.0.1:${httpsPort}/pub/intermediate.ipxe`]);
    },
  },
  {
    title: proves('clock-wrong', 'for the clock of a machine the certificate has expired'),
    needs: ['curl', 'faketime'],
    play: async (machine) => {
      await machine.powerOn(IPXE, { installer: false });
      const root = join(machine.daemon.directory, 'root.pem');
      expect(machine.daemon.cli('certificate', 'ca', '-o', root).status).toBe(0);
      const url = `https://127.0.0.1:${httpsPort}/pub/intermediate.ipxe`;
      await curl(machine, ['faketime', '+30 years', 'curl', '-sS', '--cacert', root, url]);
    },
  },
  {
    title: proves('ipxe-error', 'an iPXE logs the number of its error'),
    play: async (machine) => {
      await machine.powerOn(IPXE, { dies: until('script') });
      await machine.log(
        '<27>ipxe: http://192.0.2.1/linux... Connection timed out (https://ipxe.org/4c0a6035)',
      );
    },
  },
  {
    title: proves('request-refused', 'a program asks for a file that is nowhere'),
    play: async (machine) => {
      await machine.powerOn(IPXE, { dies: until('dhcp.ack') });
      const told = await machine.ask('/httpboot/wimboot.img');
      expect(told.headers['x-chainboot-error']).toBe('FILE_NOT_FOUND');
    },
  },
];

let daemon: Daemon;

beforeAll(async () => {
  const [ports, others] = [await freePorts(), await freePorts()];
  httpsPort = others.http;
  daemon = new Daemon({
    link: { interface: 'lo', address: '127.0.0.1' },
    ports,
    site: {},
    config: { syslog: { port: others.tftp }, https: { enabled: true, port: httpsPort } },
  });
  setSyslogPort(daemon, others.tftp);
  const loaders = join(daemon.directory, 'loaders');
  for (const [name, bytes] of Object.entries(LOADERS)) {
    mkdirSync(dirname(join(loaders, name)), { recursive: true });
    writeFileSync(join(loaders, name), bytes);
  }
  daemon.writeConfig({ loaders: { directories: [loaders] } });
  const far = { name: 'Far away', path: 'http://127.0.0.1:9/debian', os_family: 'Debian' };
  const near = { name: 'Debian local', path: join(daemon.directory, 'medium'), os_family: 'Debian' };
  daemon.writeSite({
    subnets: [SUBNET],
    media: [near, far],
    operatingsystems: [{ ...DEBIAN, media: ['Debian local', 'Far away'], provisioning_templates: TEMPLATES }],
    hosts: hostsOf(FAULTS),
  });
  await daemon.start();
  rmSync(join(loaders, 'grub2/grubx64.0'));
  await playAll(daemon, FAULTS);
}, 240_000);

afterAll(() => daemon?.close());

it.for(FAULTS.map((fault, n) => [fault.title, fault, n] as const))('%s', async ([, fault, n], ctx) => {
  await expectTold(daemon, fault, n, ctx);
});
