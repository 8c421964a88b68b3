/** The mark of a rehearsal goes to the server that made it and to no other. */

import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { fakeKernel, type ScriptedSite, SERVER, scriptedSite } from '../../test/scripted-site.ts';
import { REHEARSAL_MARK } from '../boot/rehearsal.ts';
import { MESSAGE, messageType, OPTION, textValue, u8Value } from '../dhcp/options.ts';
import { parseIpv4 } from '../net/ip.ts';
import { bootVirtually } from './boot.ts';
import { cpuOf } from './image.ts';
import { personaOf } from './personas.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A server that notes the headers it is sent. */
async function noting(
  body: Uint8Array,
): Promise<{ readonly url: string; readonly seen: IncomingHttpHeaders[] }> {
  const seen: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers);
    response.end(body);
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, SERVER, () => resolve((server.address() as AddressInfo).port));
  });
  closers.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return { url: `http://${SERVER}:${port}`, seen };
}

it('is shown to the server of the rehearsal, over TFTP and HTTP, and not to a mirror', async () => {
  const mirror = await noting(fakeKernel());
  const marks: unknown[] = [];
  const site: ScriptedSite = await scriptedSite({
    dhcp: (request) => {
      const type = messageType(request) === MESSAGE.discover ? MESSAGE.offer : MESSAGE.ack;
      const isIpxe = request.options.has(OPTION.userClass);
      const file = isIpxe ? `${site.base}/script` : 'undionly.kpxe';
      return [
        {
          yiaddr: parseIpv4('127.77.0.50')!,
          siaddr: parseIpv4(SERVER)!,
          file,
          options: new Map([
            [OPTION.messageType, u8Value(type)],
            [OPTION.serverId, Uint8Array.of(127, 0, 0, 1)],
            [OPTION.vendorClass, textValue('PXEClient')],
          ]),
        },
      ];
    },
    tftp: () => ({ 'undionly.kpxe': Uint8Array.of(0xeb, 0xfe, ...new Uint8Array(500)) }),
    http: () => ({
      '/script': (request, response) => {
        marks.push(request.headers[REHEARSAL_MARK]);
        response.end(`#!ipxe\nkernel ${mirror.url}/linux\nboot\n`);
      },
    }),
  });
  closers.push(() => site.close());
  const { port } = new URL(site.base);
  const own = new Set([`${SERVER}:${port}`, `${SERVER}:${site.tftpPort}`]);
  const play = (persona: string) =>
    bootVirtually({
      persona: personaOf(persona)!,
      mac: '52:54:00:00:00:01',
      dhcp: { via: 'server', address: SERVER, port: site.dhcpPort },
      tftpPort: site.tftpPort,
      rehearsal: { key: 'the-key', isServer: (host, at) => own.has(`${host}:${at}`) },
      installer: 'if-told',
      timeoutMs: 20_000,
    });
  expect(await play('ipxe')).toMatchObject({ reached: 'kernel' });
  // This server confirms whatever it is asked for, against RFC 2347, so that its transfer is refused.
  expect(await play('bios-pxe')).toMatchObject({ reached: 'failed', code: 'tftp-error' });
  expect(marks).toEqual(['the-key']);
  expect(site.log.find((line) => line.startsWith('TFTP undionly'))).toContain(`${REHEARSAL_MARK}=the-key`);
  expect(mirror.seen).toHaveLength(1);
  expect(JSON.stringify(mirror.seen)).not.toContain('the-key');
});

it('knows the processor of kernels and programs, and says nothing where they do not', () => {
  const kernel = fakeKernel();
  expect(cpuOf(kernel)).toBeUndefined();
  new DataView(kernel.buffer).setUint16(0x206, 0x020f, true);
  expect(cpuOf(kernel)).toBe('x86');
  kernel[0x236] = 1;
  expect(cpuOf(kernel)).toBe('x86_64');
  expect(cpuOf(Uint8Array.of(0x4d, 0x5a))).toBeUndefined();
  expect(cpuOf(new Uint8Array())).toBeUndefined();
});
