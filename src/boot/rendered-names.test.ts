import { expect, it } from 'vitest';
import { renderedName } from './rendered-names.ts';

const MAC = 'aa:bb:cc:00:11:22';

it.each([
  ['pxelinux.cfg/01-aa-bb-cc-00-11-22', 'PXELinux'],
  ['pxelinux.cfg/01-aa-bb-cc-00-11-22.ipxe', 'iPXE'],
  ['grub2/grub.cfg-01-aa-bb-cc-00-11-22', 'PXEGrub2'],
  ['grub2/grub.cfg-aa:bb:cc:00:11:22', 'PXEGrub2'],
  ['grub/grub.cfg-AA:BB:CC:00:11:22', 'PXEGrub2'],
  ['debian-installer/amd64/grub/grub.cfg-01-aa-bb-cc-00-11-22', 'PXEGrub2'],
  ['grub.cfg-01-aa-bb-cc-00-11-22', 'PXEGrub2'],
  ['grub/menu.lst.01AABBCC001122', 'PXEGrub'],
  ['grub/01-AA-BB-CC-00-11-22', 'PXEGrub'],
  ['ztp.cfg/AABBCC001122', 'ZTP'],
  ['ztp.cfg/AABBCC001122.cfg', 'ZTP'],
  ['poap.cfg/AABBCC001122', 'POAP'],
])('%s is for one machine: %s', (name, kind) => {
  expect(renderedName(name)).toMatchObject({ kind, mac: MAC });
});

it.each([
  ['pxelinux.cfg/default', 'PXELinux'],
  ['pxelinux.cfg/default.ipxe', 'iPXE'],
  ['grub/grub.cfg', 'PXEGrub2'],
  ['grub2/grub.cfg', 'PXEGrub2'],
  ['grub/x86_64-efi/grub.cfg', 'PXEGrub2'],
  ['debian-installer/arm64/grub/arm64-efi/grub.cfg', 'PXEGrub2'],
  ['EFI/debian/grub.cfg', 'PXEGrub2'],
  ['grub/menu.lst', 'PXEGrub'],
  ['grub/efidefault', 'PXEGrub'],
  ['autoexec.ipxe', 'iPXE'],
  ['httpboot/autoexec.ipxe', 'iPXE'],
  ['ztp.cfg', 'ZTP'],
  ['poap.cfg', 'POAP'],
])('%s is for whoever asks: %s', (name, kind) => {
  const found = renderedName(name);
  expect(found).toMatchObject({ kind });
  expect(found).not.toHaveProperty('mac');
});

it.each([
  'pxelinux.cfg/44332211-6655-8877-99aa-bbccddeeff00',
  'pxelinux.cfg/0A4D0032',
  'grub2/grub.cfg-0A4D0032',
  'grub2/grub.cfg-44332211-6655-8877-99aa-bbccddeeff00',
  'grub/x86_64-efi/command.lst',
  'grub2/mygrub.cfg',
  'ztp.cfg/readme',
  'grub/01-shimx64.efi',
])('%s is a file', (name) => {
  expect(renderedName(name)).toBeUndefined();
});
