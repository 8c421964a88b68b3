import { createHash } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { afterEach, describe, expect, it } from 'vitest';
import { type ScriptedSite, SERVER, scriptedSite } from '../../test/scripted-site.ts';
import { decode, encode, type Packet } from '../tftp/packet.ts';
import { PERSONAS, PXELINUX_TFTP } from './personas.ts';
import { fetchTftp, type TftpStyle } from './tftp-client.ts';

const FILE = Uint8Array.from({ length: 40_000 }, (_, i) => (i * 31 + (i >> 8)) & 0xff);
const UEFI = PERSONAS.find(({ name }) => name === 'uefi-x64')!.firmware.tftp;
const PLAIN: TftpStyle = { options: [] };
const context = { tell: () => {}, signal: new AbortController().signal };

let site: ScriptedSite | undefined;
let socket: Socket | undefined;
afterEach(async () => {
  await site?.close();
  socket?.close();
  site = socket = undefined;
});

async function fetch(bytes: Uint8Array, style: TftpStyle, passes?: (packet: Packet) => boolean) {
  site = await scriptedSite({ tftp: () => ({ file: bytes }), passes });
  return fetchTftp({ address: SERVER, port: site.tftpPort }, 'file', style, 1000, context);
}

/** A server that answers each packet as told. */
async function server(
  answer: (packet: Packet) => Packet | Uint8Array | undefined,
): Promise<{ address: string; port: number }> {
  const opened = createSocket('udp4');
  socket = opened;
  opened.on('message', (bytes, from) => {
    const reply = answer(decode(bytes));
    if (reply !== undefined)
      opened.send(reply instanceof Uint8Array ? reply : encode(reply), from.port, from.address);
  });
  await new Promise<void>((resolve) => opened.bind(0, SERVER, resolve));
  return { address: SERVER, port: opened.address().port };
}

describe('fetchTftp', () => {
  it.each([
    ['without options', PLAIN, 40_000],
    ['as PXELINUX', PXELINUX_TFTP, 40_000],
    ['as UEFI, in windows', UEFI, 40_000],
    ['a whole number of blocks', PLAIN, 1024],
    ['a whole window', UEFI, 1468 * 4],
    ['nothing', PLAIN, 0],
  ])('%s', async (_, style, length) => {
    const bytes = FILE.subarray(0, length);
    const file = await fetch(bytes, style);
    expect(file).toMatchObject({ bytes: length, sha256: createHash('sha256').update(bytes).digest('hex') });
    expect(file.head).toEqual(new Uint8Array(bytes.subarray(0, 1000)));
  });

  it('outlives a lost block and a lost first answer', async () => {
    let lost = 0;
    const style: TftpStyle = {
      options: [
        { name: 'blksize', value: '8192' },
        { name: 'windowsize', value: '4' },
      ],
    };
    const file = await fetch(FILE, style, (packet) => {
      const loses = packet.op === 'data' && packet.block === 2 && lost === 0;
      if (loses) lost++;
      return !loses;
    });
    expect([lost, file.bytes]).toEqual([1, FILE.length]);
  });

  it.each<[string, Packet | Uint8Array]>([
    ['an error', { op: 'error', code: 2, message: 'no' }],
    ['rubbish', Uint8Array.of(0, 99)],
    ['an option nobody asked for', { op: 'oack', options: [{ name: 'timeout', value: '1' }] }],
    ['a larger block size', { op: 'oack', options: [{ name: 'blksize', value: '9000' }] }],
    ['an option that is no number', { op: 'oack', options: [{ name: 'blksize', value: '-' }] }],
    ['a block that is too long', { op: 'data', block: 1, data: new Uint8Array(600) }],
  ])('names %s', async (_, reply) => {
    const where = await server((packet) => (packet.op === 'rrq' ? reply : undefined));
    await expect(fetchTftp(where, 'file', PXELINUX_TFTP, 0, context)).rejects.toMatchObject({
      code: 'tftp-error',
    });
  });

  it('notices that fewer bytes came than were announced', async () => {
    const where = await server((packet) => {
      if (packet.op === 'rrq') return { op: 'oack', options: [{ name: 'tsize', value: '100' }] };
      return packet.op === 'ack' && packet.block === 0
        ? { op: 'data', block: 1, data: new Uint8Array(5) }
        : undefined;
    });
    await expect(fetchTftp(where, 'file', PXELINUX_TFTP, 0, context)).rejects.toMatchObject({
      code: 'tftp-error',
    });
  });

  it('gives up when it is told to', async () => {
    const where = await server(() => undefined);
    const signal = AbortSignal.timeout(50);
    const aborted = { name: 'TimeoutError' };
    await expect(fetchTftp(where, 'file', PLAIN, 0, { ...context, signal })).rejects.toMatchObject(aborted);
    // Before it has begun.
    await expect(fetchTftp(where, 'file', PLAIN, 0, { ...context, signal })).rejects.toMatchObject(aborted);
  });
});
