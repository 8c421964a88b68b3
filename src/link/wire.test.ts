import { createSocket } from 'node:dgram';
import { afterEach, describe, expect, it } from 'vitest';
import { fromLatin1, latin1 } from '../net/bytes.ts';
import { createFakeWire } from './fake.ts';
import { linkOf, listLinks } from './links.ts';
import { loadNative } from './native.ts';
import type { Datagram, Link, UdpPort, Wire } from './types.ts';
import { createWire } from './wire.ts';

const opened: UdpPort[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((port) => port.close()));
});

const lo = (): Link => linkOf('lo');

async function open(wire: Wire, link = lo(), port = 0): Promise<UdpPort> {
  const udp = await wire.open(link, port);
  opened.push(udp);
  return udp;
}

/** Resolves with the batches once they hold `count` datagrams. */
function batches(port: UdpPort, count: number): Promise<string[][]> {
  const got: string[][] = [];
  return new Promise((resolve) => {
    port.onBatch((batch) => {
      got.push(batch.map(({ bytes }) => latin1(bytes)));
      if (got.flat().length >= count) resolve(got);
    });
  });
}

const to = (port: UdpPort, text: string) => ({
  bytes: fromLatin1(text),
  address: port.link.address,
  port: port.port,
});

describe('links', () => {
  it('are those of this machine', () => {
    expect(listLinks().map(({ name }) => name)).toContain('lo');
    expect(lo()).toMatchObject({ name: 'lo', address: 0x7f000001, prefix: 8, mac: new Uint8Array(6) });
  });

  it('are refused when they do not exist or lack the address', () => {
    expect(() => linkOf('nolink0')).toThrow(expect.objectContaining({ code: 'LINK_MISSING' }));
    expect(() => linkOf('lo', 0x0a0a0a0a)).toThrow(expect.objectContaining({ code: 'LINK_NO_ADDRESS' }));
  });
});

describe.each([
  ['native', createWire(), true],
  ['plain', createWire({ native: false }), false],
  ['fake', createFakeWire(), false],
])('the %s wire', (_name, wire, needsNative) => {
  it('carries datagrams both ways and says from where', async (ctx) => {
    if (needsNative && (await loadNative()) === undefined) ctx.skip('needs koffi (npm: koffi)');
    const [server, client] = [await open(wire), await open(wire)];
    expect(server.port).not.toBe(client.port);
    const answered = batches(client, 1);
    server.onBatch((batch) => {
      expect(batch.map(({ address, port }) => [address, port])).toEqual([[0x7f000001, client.port]]);
      server.send(batch.map(({ bytes, address, port }) => ({ bytes, address, port })));
    });
    client.send([to(server, 'hello')]);
    expect(await answered).toEqual([['hello']]);
  });

  it('answers a client without address on loopback too', async () => {
    const [server, client] = [await open(wire), await open(wire)];
    const answered = batches(client, 1);
    server.send([{ ...to(client, 'offer'), mac: client.link.mac }]);
    expect(await answered).toEqual([['offer']]);
  });

  it('brings 200 datagrams in few batches and in order', async () => {
    const [server, client] = [await open(wire), await open(wire)];
    const got = batches(server, 200);
    const texts = Array.from({ length: 200 }, (_, n) => `datagram ${n}`);
    client.send(texts.map((text) => to(server, text)));
    expect((await got).flat()).toEqual(texts);
    expect((await got).length).toBeLessThan(12);
  });

  it('carries a datagram of every size, none included', async () => {
    const [server, client] = [await open(wire), await open(wire)];
    const sizes = [0, 1, 1472, 8972, 65_464];
    const got = batches(server, sizes.length);
    client.send(sizes.map((size) => to(server, 'x'.repeat(size))));
    expect((await got).flat().map((text) => text.length)).toEqual(sizes);
  });

  it('carries runs of datagrams cut at their size, among others', async () => {
    const [server, client] = [await open(wire), await open(wire)];
    const segment = 1000;
    const run = (count: number, length: number) => ({
      ...to(server, ''),
      bytes: Uint8Array.from({ length }, (_, i) => 97 + Math.floor(i / segment) + count),
      segment,
    });
    const got = batches(server, 75);
    client.send([to(server, 'before'), run(0, 1000), run(1, 2500), run(0, 69_000), to(server, 'after')]);
    const texts = (await got).flat();
    expect(texts.map((text) => text.length)).toEqual([
      ...[6, 1000, 1000, 1000, 500],
      ...Array.from({ length: 69 }, () => 1000),
      5,
    ]);
    expect(texts[73]).toBe(String.fromCharCode(97 + 68).repeat(1000));
  });

  it('reads on within its turn, and lets others in after it', async () => {
    const server = await wire.open(lo(), 0, { turnMs: 1 });
    opened.push(server);
    const client = await open(wire);
    const texts = Array.from({ length: 100 }, (_, n) => `datagram ${n}`);
    const got = batches(server, 100);
    client.send(texts.map((text) => to(server, text)));
    expect((await got).flat()).toEqual(texts);
  });

  it('refuses a port that is taken', async () => {
    const { port } = await open(wire);
    await expect(wire.open(lo(), port)).rejects.toMatchObject({ code: 'PORT_TAKEN' });
  });

  it('keeps loopback addresses apart', async () => {
    const other = { ...lo(), address: 0x7f000002 };
    const server = await open(wire);
    const twin = await open(wire, other, server.port);
    const got = batches(twin, 1);
    server.onBatch(() => expect.unreachable());
    (await open(wire)).send([to(twin, 'for the twin')]);
    expect(await got).toEqual([['for the twin']]);
  });

  it('opens and closes hundreds of ports, and hears nothing after close', async () => {
    const many = await Promise.all(Array.from({ length: 400 }, () => wire.open(lo(), 0)));
    expect(new Set(many.map(({ port }) => port)).size).toBe(400);
    for (const port of many) port.onBatch(() => expect.unreachable());
    many[0]!.send(many.slice(1).map((port) => to(port, 'too late')));
    await Promise.all(many.map((port) => port.close()));
    many[0]!.send([to(many[1]!, 'from a closed port')]);
    await many[0]!.close();
    const again = await open(wire, lo(), many[7]!.port);
    expect(again.port).toBe(many[7]!.port);
  });
});

describe.each([
  ['native', createWire()],
  ['plain', createWire({ native: false })],
])('the %s wire', (_name, wire) => {
  it('reports what the kernel refuses, and sends the rest', async () => {
    const [server, client] = [await open(wire), await open(wire)];
    const errors: Error[] = [];
    client.onError((error) => errors.push(error));
    const got = batches(server, 2);
    // From a loopback address to the Internet is no way the kernel knows.
    const refused = { bytes: fromLatin1('x'), address: 0x08080808, port: 9 };
    client.send([to(server, 'one'), refused, to(server, 'two')]);
    expect((await got).flat()).toEqual(['one', 'two']);
    await expect.poll(() => errors.length).toBe(1);
  });

  it('says in catalogue words why a port cannot be had', async () => {
    const nowhere = { ...lo(), address: 0xc6336401 };
    await expect(wire.open(nowhere, 0)).rejects.toMatchObject({ code: 'LINK_NO_ADDRESS' });
  });

  it('keeps the bytes of a datagram apart from those of the next batch only', async () => {
    const server = await open(wire);
    const sender = createSocket('udp4');
    const seen: string[] = [];
    let kept: Uint8Array | undefined;
    const done = new Promise<void>((resolve) => {
      server.onBatch((batch: readonly Datagram[]) => {
        for (const { bytes } of batch) seen.push(latin1(bytes));
        kept ??= batch[0]!.bytes.slice();
        if (seen.length === 2) resolve();
        else sender.send('second', server.port, '127.0.0.1');
      });
    });
    sender.send('first', server.port, '127.0.0.1');
    await done;
    sender.close();
    expect([latin1(kept!), seen]).toEqual(['first', ['first', 'second']]);
  });
});
