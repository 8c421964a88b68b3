import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { listFirmware } from './firmware.ts';
import { fetchFirmware, isPrivate, originOf, removeFirmware } from './firmware-store.ts';

const BYTES = Buffer.from('an iPXE of our own');
const SUM = createHash('sha256').update(BYTES).digest('hex');
let server: Server;
let base = '';
let store = '';

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/missing.efi') return response.writeHead(404).end();
    if (request.url === '/moved.efi') return response.writeHead(302, { location: '/ipxe.efi' }).end();
    if (request.url === '/cut.efi') {
      response.writeHead(200, { 'content-length': String(BYTES.length) });
      response.write(BYTES.subarray(0, 5));
      return setTimeout(() => response.destroy(), 20);
    }
    return response.end(BYTES);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());
beforeEach(() => {
  store = join(mkdtempSync(join(tmpdir(), 'chainboot-firmware-')), 'firmware');
});
afterEach(() => rmSync(join(store, '..'), { recursive: true }));

const fetched = (url: string, changes: object = {}) =>
  fetchFirmware({
    store,
    url: url.startsWith('/') ? base + url : url,
    sha256: SUM,
    name: 'new.efi',
    force: false,
    now: 0,
    ...changes,
  });

it.each(['/ipxe.efi', '/moved.efi'])('%s is kept whole, with where it came from', async (url) => {
  expect(await fetched(url)).toEqual({ path: join(store, 'new.efi'), size: BYTES.length });
  expect(readFileSync(join(store, 'new.efi'))).toEqual(BYTES);
  expect(originOf(store, 'new.efi')).toEqual({
    url: base + url,
    sha256: SUM,
    fetched: '1970-01-01T00:00:00.000Z',
  });
  expect(listFirmware([store], store)).toMatchObject([
    { name: 'new.efi', source: { kind: 'fetched', url: base + url }, sha256: SUM },
  ]);
});

it('a file is fetched too', async () => {
  await fetched('/ipxe.efi');
  await fetched(`file://${store}/new.efi`, { name: 'grub2/copy.efi' });
  expect(readFileSync(join(store, 'grub2/copy.efi'))).toEqual(BYTES);
});

it.each([
  ['another checksum', '/ipxe.efi', { sha256: '0'.repeat(64) }, 'FIRMWARE_MISMATCH'],
  ['a server without it', '/missing.efi', {}, 'FIRMWARE_UNREACHABLE'],
  ['a connection that breaks off', '/cut.efi', {}, 'FIRMWARE_UNREACHABLE'],
  ['nobody there', 'http://127.0.0.1:9/x.efi', {}, 'FIRMWARE_UNREACHABLE'],
  ['another protocol', 'ftp://127.0.0.1/x.efi', {}, 'FIRMWARE_UNREACHABLE'],
  ['a name that leads outside', '/ipxe.efi', { name: '../new.efi' }, 'FIRMWARE_NAME'],
  ['a name with two directories', '/ipxe.efi', { name: 'a/b/new.efi' }, 'FIRMWARE_NAME'],
])('%s leaves nothing', async (_what, url, changes, code) => {
  await expect(fetched(url, changes)).rejects.toMatchObject({ code });
  expect(existsSync(store) ? readdirSync(store) : []).toEqual([]);
});

it('another loader of the name stays unless it is to be replaced', async () => {
  await fetched('/ipxe.efi');
  const other = createHash('sha256').update('other').digest('hex');
  await expect(fetched('/ipxe.efi', { sha256: other })).rejects.toMatchObject({ code: 'FIRMWARE_EXISTS' });
  await expect(fetched('/ipxe.efi', { sha256: other, force: true })).rejects.toMatchObject({
    code: 'FIRMWARE_MISMATCH',
  });
  expect(readFileSync(join(store, 'new.efi'))).toEqual(BYTES);
  // The same once more is nothing to complain about.
  await fetched('/ipxe.efi');
  await removeFirmware(store, 'new.efi');
  expect(readdirSync(store)).toEqual([]);
  await expect(removeFirmware(store, 'new.efi')).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

it('what lies beside loaders is not for machines', () => {
  const names = ['new.efi', 'new.efi.origin.json', '.5f1c.part', 'grub2/.5f1c.part', 'grub2/grubx64.efi'];
  expect(names.filter(isPrivate)).toEqual(['new.efi.origin.json', '.5f1c.part', 'grub2/.5f1c.part']);
});
