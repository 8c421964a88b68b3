/** Ubuntu's live installer, openSUSE and Flatcar, as far as a virtual machine can go: from the ROM to the report. */

import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { bootVirtually } from '../../src/client/boot.ts';
import { personaOf } from '../../src/client/personas.ts';
import { makeStandInMedium } from '../../src/lab/medium.ts';
import { Daemon, freePorts } from './daemon.ts';

const MAC = '52:54:00:77:00:20';
const SUBNET = { name: 'lo', network: '127.0.0.0/24', from: '127.0.0.100', to: '127.0.0.200' };
const UBUNTU = { name: 'Ubuntu', major: '24', minor: '04', family: 'Debian', release_name: 'noble' };
const LEAP = { name: 'openSUSE', major: '15', minor: '6', family: 'Suse' };
const FLATCAR = { name: 'Flatcar', major: '4230', minor: '2.2', family: 'Coreos' };

const daemons: Daemon[] = [];
afterEach(async () => {
  for (const daemon of daemons.splice(0)) await daemon.close();
});

/** One host and a medium with files that a virtual machine takes for a kernel and an initrd. */
async function siteOf(os: typeof UBUNTU | typeof FLATCAR | typeof LEAP, directory: string, files: string[]) {
  const version = `${os.major}.${os.minor}`;
  const link = { interface: 'lo', address: '127.0.0.1' };
  const made = new Daemon({ link, ports: await freePorts(), site: {} });
  daemons.push(made);
  const medium = join(made.directory, 'live');
  makeStandInMedium(medium, directory, files);
  made.writeSite({
    subnets: [SUBNET],
    media: [{ name: 'Live', path: medium }],
    operatingsystems: [{ ...os, media: ['Live'] }],
    hosts: [
      {
        name: 'vm2.lab',
        mac: MAC,
        ip: '127.0.0.60',
        operatingsystem: `${os.name} ${version}`,
        build: true,
        root_pass: '$6$salt$hash',
      },
    ],
  });
  return made.start();
}

function powerOn(made: Daemon) {
  return bootVirtually({
    persona: personaOf('ipxe-rom')!,
    mac: MAC,
    dhcp: { via: 'server', address: '127.0.0.1', port: made.ports.dhcp },
    tftpPort: made.ports.tftp,
    timeoutMs: 20_000,
    installer: true,
  });
}

describe('a boot from the network', () => {
  it('installs Ubuntu with answers from the seed of cloud-init', async () => {
    const made = await siteOf(UBUNTU, 'casper', ['vmlinuz', 'initrd']);
    const outcome = await powerOn(made);
    expect(outcome, outcome.why).toMatchObject({ reached: 'installed' });
    expect(made.json<{ build: boolean }>('host', 'show', 'vm2.lab').build).toBe(false);
    const seed = await Promise.all(
      ['meta-data', 'vendor-data', 'user-data'].map((file) => fetch(`${made.url}/userdata/${MAC}/${file}`)),
    );
    // Out of build mode there are no answers any more; who the machine is stays true.
    expect(seed.map(({ status }) => status)).toEqual([200, 200, 405]);
    expect(await seed[0]!.text()).toMatch(
      /^instance-id: i-[0-9a-f]{18}\nhostname: vm2\.lab\nmac: 52:54:00:77:00:20\nlocal-ipv4: 127\.0\.0\.60\nlocal-hostname: vm2\n$/,
    );
    expect(await seed[1]!.text()).toBe('');
  });

  it('installs openSUSE with an AutoYaST profile', async () => {
    const made = await siteOf(LEAP, 'boot/x86_64/loader', ['linux', 'initrd']);
    const outcome = await powerOn(made);
    expect(outcome, outcome.why).toMatchObject({ reached: 'installed' });
    expect(made.json<{ build: boolean }>('host', 'show', 'vm2.lab').build).toBe(false);
  });

  it('installs Flatcar with an Ignition configuration', async () => {
    const files = ['flatcar_production_pxe.vmlinuz', 'flatcar_production_pxe_image.cpio.gz'];
    const made = await siteOf(FLATCAR, 'amd64-usr/4230.2.2', files);
    const outcome = await powerOn(made);
    expect(outcome, outcome.why).toMatchObject({ reached: 'installed' });
    expect(made.json<{ build: boolean }>('host', 'show', 'vm2.lab').build).toBe(false);
  });
});
