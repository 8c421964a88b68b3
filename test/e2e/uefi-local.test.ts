/**
 * Workflow I for UEFI: an installed machine still boots from the network first, and then gets to its own disk. That
 * of a machine whose iPXE leaves after its installation is in uefi-pxe.test.ts.
 */

import { join } from 'node:path';
import { it, type TestContext } from 'vitest';
import { DISK_SAYS } from '../../src/lab/disk.ts';
import { makeEfiDisk } from '../../src/lab/efi-disk.ts';
import { onConsole } from '../../src/lab/milestones.ts';
import { Rig, type RigOptions } from './rig.ts';
import { bareMachine, GRUB, grubHost, loaderDirectory, onTftp, quiet, SHIM } from './uefi-parts.ts';

const LIMIT = { timeout: 600_000 };
const ON_DISK = onConsole('local-disk', DISK_SAYS);

async function installed(context: TestContext, options: RigOptions): Promise<Rig> {
  const rig = await Rig.open(context, { ...options, host: { ...options.host, build: false } });
  context.onTestFinished(() => rig.close());
  const disk = join(rig.daemon.directory, 'disk.img');
  makeEfiDisk(disk);
  await rig.powerOn({ ...bareMachine(rig), disk });
  return rig;
}

it('I: the menu of GRUB starts the loader of the disk', LIMIT, async (context) => {
  const loaders = loaderDirectory(context, { 'grub2/shimx64.efi': SHIM, 'grub2/grubx64.efi': GRUB });
  const rig = await installed(context, grubHost('Grub2 UEFI SecureBoot', loaders));
  await rig.until([onTftp('menu', 'grub/grub.cfg'), 120], [ON_DISK, 60]);
});

it('I: a host leaves for its disk in a way of its own', LIMIT, async (context) => {
  const own = { name: 'Leave', kind: 'iPXE', template: '#!ipxe\necho <%= @host.name %> leaves\nexit 1\n' };
  const rig = await installed(context, {
    config: quiet(),
    host: { parameters: { local_boot_iPXE: own.name } },
    site: { templates: [own] },
  });
  await rig.until([onConsole('own', 'vm1.lab leaves'), 120], [ON_DISK, 60]);
});
