import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { host, site } from '../../test/fixtures.ts';
import type { Answered, Question } from '../boot/answer.ts';
import { because } from '../boot/reason.ts';
import { bootFiles } from '../inventory/bootfiles.ts';
import type { SiteIndex } from '../inventory/site.ts';
import { makeWorkDirectory } from '../lab/workdir.ts';
import { bootContent } from './files.ts';

const MAC = '52:54:00:77:00:10';
const STRANGER = '52:54:00:99:99:99';
const BASE = 'http://10.77.0.1';
const MIRROR = 'dists/bookworm/main/installer-amd64/current/images/netboot/debian-installer/amd64';
const work = makeWorkDirectory();
afterAll(() => work.remove());

let asked: Question[] = [];
let index: SiteIndex;
beforeEach(() => {
  asked = [];
  index = site([host()]);
});

function resolver(options: { leases?: Record<string, string>; unknown?: 'menu' | 'ignore' } = {}) {
  return bootContent({
    site: () => index,
    leases: (address) => options.leases?.[address],
    answer: async (question): Promise<Answered> => {
      asked.push(question);
      return {
        ok: true,
        text: 'rendered',
        template: 'T',
        because: because('script-build'),
        identity: because('by-lease'),
      };
    },
    base: () => BASE,
    loaderDirectories: () => [work.path],
    unknownHosts: () => options.unknown ?? 'ignore',
  });
}

const from = (address: string) => ({ address, port: 1000 });

function place(name: string, text = 'x'): string {
  const path = join(work.path, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

it('renders a name with a MAC for the host that has it, wherever the request comes from', async () => {
  const content = await resolver()('grub2/grub.cfg-01-52-54-00-77-00-10', from('192.0.2.9'));
  expect(content).toMatchObject({ kind: 'bytes' });
  expect(asked).toMatchObject([{ kind: 'PXEGrub2', claims: { macs: [MAC], address: '192.0.2.9' } }]);
});

it('sends a machine that nobody knows on to the next name, and says who it is', async () => {
  const content = await resolver({ unknown: 'menu' })(
    'pxelinux.cfg/01-52-54-00-99-99-99',
    from('10.77.0.99'),
  );
  expect(content).toMatchObject({ kind: 'error', code: 'FILE_NOT_FOUND', mac: STRANGER });
  expect(asked).toEqual([]);
});

it('renders a name for all for the host that holds the address', async () => {
  const resolve = resolver({ leases: { '10.77.0.120': MAC } });
  for (const name of ['grub/grub.cfg', 'pxelinux.cfg/default', 'pxelinux.cfg/default.ipxe'])
    expect(await resolve(name, from('10.77.0.120'))).toMatchObject({ kind: 'bytes' });
  expect(asked.map(({ kind }) => kind)).toEqual(['PXEGrub2', 'PXELinux', 'iPXE']);
});

it('keeps the menu from strangers where they are ignored, but GRUB must get what asks on', async () => {
  const name = 'pxelinux.cfg/default';
  expect(await resolver()(name, from('10.77.0.99'))).toMatchObject({ code: 'FILE_NOT_FOUND' });
  expect(await resolver({ unknown: 'menu' })(name, from('10.77.0.99'))).toMatchObject({ kind: 'bytes' });
  expect(await resolver()('grub/grub.cfg', from('10.77.0.99'))).toMatchObject({ kind: 'bytes' });
});

it('serves loaders and modules of GRUB as files', async () => {
  const module = place('grub/x86_64-efi/http.mod');
  const resolve = resolver();
  expect(await resolve('grub/x86_64-efi/http.mod', from('10.77.0.50'))).toMatchObject({
    kind: 'file',
    path: module,
  });
  expect(await resolve('grub/x86_64-efi/tftp.mod', from('10.77.0.50'))).toMatchObject({
    code: 'FILE_NOT_FOUND',
  });
});

it('serves kernel and initrd under the names that templates give them, to whoever asks', async () => {
  const medium = { id: 2, name: 'Debian local', path: join(work.path, 'medium') };
  index.put('media', medium);
  const os = { ...index.get('operatingsystems', 'Debian 12')!, media: ['Debian mirror', 'Debian local'] };
  index.put('operatingsystems', os);
  const linux = place(`medium/${MIRROR}/linux`);
  const { kernel, initrd } = bootFiles(os, medium, 'x86_64', `${BASE}/media/Debian%20local`)!;
  const resolve = resolver();
  for (const address of ['10.77.0.50', '10.77.0.99'])
    expect(await resolve(kernel.tftp, from(address))).toMatchObject({ kind: 'file', path: linux });
  expect(await resolve(initrd.tftp, from('10.77.0.50'))).toMatchObject({ code: 'FILE_NOT_FOUND' });
  expect(await resolve(kernel.tftp.replace('-linux', '-other'), from('10.77.0.50'))).toMatchObject({
    code: 'FILE_NOT_FOUND',
  });
});

it('says of a kernel on a web server that it is not served by TFTP', async () => {
  const os = index.get('operatingsystems', 'Debian 12')!;
  const medium = index.get('media', 'Debian mirror')!;
  const { kernel } = bootFiles(os, medium, 'x86_64', `${BASE}/media/Debian%20mirror`)!;
  expect(await resolver()(kernel.tftp, from('10.77.0.50'))).toMatchObject({
    code: 'BOOT_FILE_ELSEWHERE',
    host: 'web01.example.org',
  });
});
