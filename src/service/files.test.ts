import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { host, MAC } from '../../test/dhcp-rig.ts';
import type { Question } from '../boot/answer.ts';
import { because } from '../boot/reason.ts';
import { SiteIndex } from '../inventory/site.ts';
import { bootContent } from './files.ts';

const directory = mkdtempSync(join(tmpdir(), 'chainboot-files-'));
afterAll(() => rmSync(directory, { recursive: true }));
for (const name of ['undionly.kpxe', 'grubnetx64.efi.signed']) writeFileSync(join(directory, name), name);

const asked: Question[] = [];

function ask(name: string, { unknown, mac }: { unknown: 'menu' | 'ignore'; mac?: string }) {
  const site = new SiteIndex();
  site.put('hosts', host());
  const content = bootContent({
    site: () => site,
    leases: () => mac,
    answer: async (question) => {
      asked.push(question);
      return {
        ok: true,
        text: 'script',
        template: 't',
        because: because('ipxe-asks'),
        identity: because('by-lease'),
      };
    },
    base: () => 'http://192.0.2.1',
    loaderDirectories: () => [directory],
    unknownHosts: () => unknown,
  });
  return content(name, { address: '192.0.2.9', port: 4242 });
}

describe('autoexec.ipxe', () => {
  it.each([
    ['of a known host', 'ignore', MAC, 'bytes'],
    ['of an unknown machine that may see the menu', 'menu', undefined, 'bytes'],
    ['of an unknown machine that is left alone', 'ignore', undefined, 'error'],
  ] as const)('%s', async (_what, unknown, mac, kind) => {
    asked.length = 0;
    const content = await ask('autoexec.ipxe', { unknown, ...(mac && { mac }) });
    expect(content.kind).toBe(kind);
    expect(asked.map(({ kind: template, bootstrap }) => [template, bootstrap])).toEqual(
      kind === 'bytes' ? [['iPXE', true]] : [],
    );
  });
});

describe('one program under all its names', () => {
  it.each([
    ['undionly.kpxe', 'undionly.kpxe'],
    ['undionly-ipxe.0', 'undionly.kpxe'],
    ['undionly.0', 'undionly.kpxe'],
    ['grub2/grubx64.efi', 'grubnetx64.efi.signed'],
    ['grubx64.efi', 'grubnetx64.efi.signed'],
  ])('%s is %s', async (name, installed) => {
    expect(await ask(name, { unknown: 'menu' })).toMatchObject({
      kind: 'file',
      path: join(directory, installed),
    });
  });

  it("where a fetched one came from is nobody's", async () => {
    writeFileSync(join(directory, 'own.efi.origin.json'), '{}');
    expect(await ask('own.efi.origin.json', { unknown: 'menu' })).toMatchObject({ code: 'FILE_NOT_FOUND' });
  });

  it('undionly.kkpxe is another', async () => {
    expect(await ask('undionly.kkpxe', { unknown: 'menu' })).toMatchObject({ code: 'FILE_NOT_FOUND' });
  });
});
