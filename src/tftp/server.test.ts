import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Content } from '../boot/files.ts';
import { because } from '../boot/reason.ts';
import type { Step } from '../boot/step.ts';
import { ChainbootError } from '../errors.ts';
import { linkOf } from '../link/links.ts';
import type { Outgoing, Wire } from '../link/types.ts';
import { createWire } from '../link/wire.ts';
import { latin1 } from '../net/bytes.ts';
import { decode, encode, type Option, type Packet } from './packet.ts';
import { type TftpDeps, TftpServer } from './server.ts';

const served = because('loader-file', { name: 'x', path: '/x' });
const closers: (() => unknown)[] = [];
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chainboot-tftp-'));
});

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await rm(directory, { recursive: true });
});

function bytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 255);
}

function text(of: string): Content {
  return { kind: 'bytes', bytes: new TextEncoder().encode(of), because: served };
}

async function file(name: string, content: Uint8Array): Promise<Content & { readonly path: string }> {
  const path = join(directory, name);
  await writeFile(path, content);
  return { kind: 'file', path, because: served };
}

async function serve(resolve: (name: string) => Content | Promise<Content>, deps: Partial<TftpDeps> = {}) {
  const steps: Step[] = [];
  const server = new TftpServer({
    wire: createWire(),
    links: [linkOf('lo')],
    port: 0,
    resolve: async (name) => resolve(name),
    record: (step) => steps.push(step),
    now: () => 1_700_000_000_000,
    log: () => {},
    ...deps,
  });
  await server.start();
  closers.push(() => server.close());
  return { server, steps, port: server.addresses[0]!.port };
}

/** A client that does only what the test says. */
class Client {
  /** Where answers come from: the server's transfer id. */
  peer = 0;
  private readonly socket: Socket;
  private readonly inbox: Packet[] = [];
  private wake = () => {};
  constructor(socket: Socket) {
    this.socket = socket;
    let previous = '';
    socket.on('message', (message, from) => {
      this.peer = from.port;
      // A busy machine makes the server think that a packet was lost: not what these tests are about.
      const again = previous === `${from.port} ${message.toString('hex')}`;
      previous = `${from.port} ${message.toString('hex')}`;
      if (again) return;
      this.inbox.push(decode(Uint8Array.from(message)));
      this.wake();
    });
  }

  static async open(address = '127.0.0.1'): Promise<Client> {
    const socket = createSocket('udp4');
    socket.bind(0, address);
    await once(socket, 'listening');
    closers.push(() => new Promise<void>((done) => socket.close(() => done())));
    return new Client(socket);
  }

  get port(): number {
    return this.socket.address().port;
  }

  send(packet: Packet | Uint8Array, port = this.peer): void {
    this.socket.send(packet instanceof Uint8Array ? packet : encode(packet), port, '127.0.0.1');
  }

  request(port: number, filename: string, options: Record<string, string> = {}, mode = 'octet'): void {
    const list: Option[] = Object.entries(options).map(([name, value]) => ({ name, value }));
    this.send({ op: 'rrq', filename, mode, options: list }, port);
  }

  ack(block: number): void {
    this.send({ op: 'ack', block });
  }

  /** The next packet, or undefined when none comes in time. */
  async next(within = 2000): Promise<Packet | undefined> {
    if (this.inbox.length === 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, within);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return this.inbox.shift();
  }

  /** Reads on to the end of the file. */
  async rest(blksize = 512, windowsize = 1): Promise<Uint8Array> {
    const blocks: Uint8Array[] = [];
    for (;;) {
      const packet = await this.next();
      if (packet?.op !== 'data') throw new Error(`expected DATA, not ${JSON.stringify(packet)}`);
      blocks.push(packet.data);
      const last = packet.data.length < blksize;
      if (last || blocks.length % windowsize === 0) this.ack(blocks.length & 0xffff);
      if (last) return Buffer.concat(blocks);
    }
  }
}

function isTransfer(step: Step): boolean {
  return step.because.code.startsWith('transfer-');
}

async function settled(steps: readonly Step[], count: number): Promise<void> {
  for (let i = 0; i < 100 && steps.length < count; i++) await new Promise((done) => setTimeout(done, 10));
  expect(steps).toHaveLength(count);
}

describe('TFTP server', () => {
  it('sends a file and records one step', async () => {
    const content = await file('loader', bytes(3000));
    const { steps, port } = await serve(() => ({ ...content, mac: '52:54:00:77:00:10', host: 'web01' }));
    const client = await Client.open();
    client.request(port, '//sub/loader', { tsize: '0', blksize: '1408' });
    expect(await client.next()).toEqual({
      op: 'oack',
      options: [
        { name: 'tsize', value: '3000' },
        { name: 'blksize', value: '1408' },
      ],
    });
    expect(client.peer).not.toBe(port);
    client.ack(0);
    expect(await client.rest(1408)).toEqual(Buffer.from(bytes(3000)));
    await settled(steps, 1);
    expect(steps[0]).toMatchObject({
      at: 1_700_000_000_000,
      kind: 'tftp.file',
      via: 'tftp',
      because: { code: 'transfer-complete', bytes: 3000 },
      what: 'sub/loader',
      address: '127.0.0.1',
      link: 'lo',
      mac: '52:54:00:77:00:10',
      host: 'web01',
      bytes: 3000,
      detail: { blksize: 1408, windowsize: 1, tsize: 3000 },
    });
    expect(steps[0]!.took).toBeGreaterThanOrEqual(0);
  });

  it('sends rendered text without options, and in netascii', async () => {
    const { port } = await serve(() => text('DEFAULT linux\nPROMPT 0\n'));
    const plain = await Client.open();
    plain.request(port, 'pxelinux.cfg/default');
    expect(latin1(await plain.rest())).toBe('DEFAULT linux\nPROMPT 0\n');
    const translated = await Client.open();
    translated.request(port, 'pxelinux.cfg/default', { tsize: '0' }, 'NetASCII');
    expect(latin1(await translated.rest())).toBe('DEFAULT linux\r\nPROMPT 0\r\n');
  });

  it('sends an empty file as one empty block', async () => {
    const content = await file('empty', bytes(0));
    const { steps, port } = await serve(() => content);
    const client = await Client.open();
    // curl gives up on an OACK with tsize 0, so there is none
    client.request(port, 'empty', { tsize: '0' });
    expect(await client.rest()).toHaveLength(0);
    await settled(steps, 1);
  });

  it.each([
    ['a missing file', 'octet', 'missing', 1, 'FILE_NOT_FOUND'],
    ['a way out of the tree', 'octet', '../../etc/passwd', 2, 'FILE_FORBIDDEN'],
    ['an unknown mode', 'mail', 'loader', 4, 'TFTP_MALFORMED'],
  ])('refuses %s', async (_what, mode, name, error, code) => {
    const missing: Content = { kind: 'error', code: 'FILE_NOT_FOUND', values: { name }, because: served };
    const { steps, port } = await serve(() => missing);
    const client = await Client.open();
    client.request(port, name, {}, mode);
    expect(await client.next()).toMatchObject({ op: 'error', code: error });
    await settled(steps, 1);
    expect(steps[0]).toMatchObject({ kind: 'tftp.error', what: name, detail: { code, error } });
  });

  it('tells files that are gone from files that cannot be read', async () => {
    const paths: Record<string, string> = { gone: join(directory, 'gone'), folder: directory };
    const { port } = await serve((name) => ({ kind: 'file', path: paths[name]!, because: served }));
    for (const name of Object.keys(paths)) {
      const client = await Client.open();
      client.request(port, name);
      const answer = await client.next();
      expect(answer).toMatchObject({ op: 'error', code: 1 });
      expect(JSON.stringify(answer)).not.toContain(directory);
    }
  });

  it('refuses to write, with words', async () => {
    const { steps, port } = await serve(() => text(''));
    const client = await Client.open();
    client.send({ op: 'wrq', filename: 'upload', mode: 'octet', options: [] }, port);
    expect(await client.next()).toMatchObject({ op: 'error', code: 2 });
    await settled(steps, 1);
    expect(steps[0]!.detail).toMatchObject({ code: 'TFTP_READ_ONLY' });
  });

  it('answers what is no request with ERROR 4, and errors with nothing', async () => {
    const { steps, port } = await serve(() => text(''));
    const client = await Client.open();
    client.send({ op: 'error', code: 0, message: 'who are you' }, port);
    client.send(Uint8Array.of(0, 5), port);
    client.send({ op: 'ack', block: 1 }, port);
    expect(await client.next()).toMatchObject({ op: 'error', code: 4 });
    client.send(Uint8Array.of(0, 1, 65), port);
    expect(await client.next()).toMatchObject({ op: 'error', code: 4 });
    expect(await client.next(50)).toBeUndefined();
    expect(steps.map((step) => step.detail?.code)).toEqual(['TFTP_MALFORMED', 'TFTP_MALFORMED']);
  });

  it('serves a request once that is sent again while it is being resolved', async () => {
    let asked = 0;
    const { steps, port } = await serve(async () => {
      asked++;
      await new Promise((done) => setTimeout(done, 60));
      return text('hello');
    });
    const client = await Client.open();
    for (let i = 0; i < 3; i++) client.request(port, 'a');
    expect(latin1(await client.rest())).toBe('hello');
    expect(await client.next(80)).toBeUndefined();
    expect(asked).toBe(1);
    await settled(steps, 1);
  });

  it('serves a machine that was restarted and asks from the same port again', async () => {
    const content = await file('loader', bytes(5000));
    const { steps, port } = await serve(() => content);
    const client = await Client.open();
    client.request(port, 'loader');
    await client.next();
    const first = client.peer;
    client.ack(1);
    await client.next();
    await new Promise((done) => setTimeout(done, 1050));
    // the retransmissions of the first attempt
    while ((await client.next(20)) !== undefined);
    client.request(port, 'loader');
    expect(await client.rest()).toHaveLength(5000);
    expect(client.peer).not.toBe(first);
    await settled(steps, 2);
    expect(steps.map((step) => step.because.code)).toEqual(['transfer-restarted', 'transfer-complete']);
  });

  it('sends ERROR 5 to strangers and goes on', async () => {
    const content = await file('loader', bytes(1500));
    const { steps, port } = await serve(() => content);
    const client = await Client.open();
    client.request(port, 'loader');
    const first = await client.next();
    const stranger = await Client.open();
    stranger.send({ op: 'ack', block: 1 }, client.peer);
    expect(await stranger.next()).toMatchObject({ op: 'error', code: 5 });
    stranger.send({ op: 'error', code: 0, message: 'stop' }, client.peer);
    expect(await stranger.next(50)).toBeUndefined();
    expect(first).toMatchObject({ op: 'data', block: 1 });
    client.ack(1);
    expect(await client.next()).toMatchObject({ op: 'data', block: 2 });
    client.ack(2);
    expect(await client.next()).toMatchObject({ op: 'data', block: 3 });
    client.ack(3);
    await settled(steps, 1);
    expect(steps[0]!.because.code).toBe('transfer-complete');
  });

  it.each([0, 1])(
    'records as normal that GRUB opens a file and closes it after %d blocks',
    async (blocks) => {
      const content = await file('grub.cfg', bytes(1033));
      const { steps, port } = await serve(() => content);
      const client = await Client.open();
      client.request(port, 'grub.cfg', { tsize: '0', blksize: '1024' });
      await client.next();
      for (let block = 0; block <= blocks; block++) {
        client.ack(block);
        await client.next();
      }
      client.send({ op: 'error', code: 0, message: 'closed' });
      await settled(steps, 1);
      expect(steps[0]).toMatchObject({ kind: 'tftp.file', because: { code: 'transfer-peek' } });
    },
  );

  it('records the size probe of UEFI as normal, and an abort as what it is', async () => {
    const content = await file('ipxe.efi', bytes(5000));
    const { steps, port } = await serve(() => content);
    const client = await Client.open();
    client.request(port, 'ipxe.efi', { tsize: '0', blksize: '1468', windowsize: '4' });
    await client.next();
    client.send({ op: 'error', code: 8, message: 'User aborted the transfer' });
    await settled(steps, 1);
    client.request(port, 'ipxe.efi', { blksize: '1468', windowsize: '4' });
    await client.next();
    client.ack(0);
    for (let i = 0; i < 4; i++) await client.next();
    client.send({ op: 'error', code: 3, message: 'no memory' });
    await settled(steps, 2);
    expect(steps[0]).toMatchObject({ kind: 'tftp.file', because: { code: 'transfer-probe' } });
    expect(steps[1]).toMatchObject({
      kind: 'tftp.error',
      because: { code: 'transfer-aborted', size: 5000, message: 'no memory' },
    });
  });

  it('keeps serving while anything at all arrives, on all of its ports', async () => {
    const content = await file('loader', bytes(5000));
    const { steps, port } = await serve(() => content);
    const client = await Client.open();
    client.request(port, 'loader');
    await client.next();
    const noise = await Client.open();
    const opcode = fc.integer({ min: 0, max: 9 });
    const garbage = fc.tuple(opcode, fc.uint8Array({ maxLength: 80 }));
    for (const [op, rest] of fc.sample(garbage, { numRuns: 200, seed: 1 })) {
      // requests would be served
      if (op !== 1 && op !== 2) noise.send(Uint8Array.of(0, op, ...rest), port);
      noise.send(Uint8Array.of(0, op, ...rest), client.peer);
    }
    for (let block = 1; block <= 10; block++) {
      client.send(Uint8Array.of(0, 4), client.peer);
      client.ack(block);
    }
    for (let i = 0; i < 100 && !steps.some(isTransfer); i++)
      await new Promise((done) => setTimeout(done, 10));
    expect(steps.filter(isTransfer)).toMatchObject([{ because: { code: 'transfer-complete', bytes: 5000 } }]);
  });

  it('records why the kernel would not send', async () => {
    const wire = createWire();
    const reports: ((error: Error, refused: Outgoing) => void)[] = [];
    const failing: Wire = {
      open: async (link, at, options) => {
        const opened = await wire.open(link, at, options);
        return Object.assign(opened, { onError: (handler: (typeof reports)[0]) => reports.push(handler) });
      },
    };
    const { steps, port } = await serve(() => text('x'), { wire: failing });
    const client = await Client.open();
    client.request(port, 'a');
    await client.next();
    const refused = { bytes: new Uint8Array(), address: 0x7f000001, port: client.port };
    for (const report of reports) report(new Error('send EPERM'), refused);
    client.ack(1);
    await settled(steps, 1);
    expect(steps[0]!.detail).toMatchObject({ sendError: 'send EPERM' });
  });

  it('tells a client to try again when too many transfers run', async () => {
    const { steps, port } = await serve(() => text('x'), { limits: { transfers: 2 } });
    for (let i = 0; i < 2; i++) {
      const client = await Client.open();
      client.request(port, `file${i}`);
      await client.next();
    }
    const late = await Client.open();
    late.request(port, 'file2');
    expect(await late.next()).toMatchObject({ op: 'error', code: 0 });
    await settled(steps, 1);
    expect(steps[0]!.detail).toMatchObject({ code: 'TFTP_BUSY' });
  });

  it('tells a client to try again when too many transfers go to its address', async () => {
    const { steps, port } = await serve(() => text('x'), { limits: { perClient: 2 } });
    const clients = [await Client.open(), await Client.open(), await Client.open('127.0.0.2')];
    for (const client of clients) {
      client.request(port, 'a');
      expect(await client.next()).toMatchObject({ op: 'data' });
    }
    const late = await Client.open();
    late.request(port, 'b');
    const answer = await late.next();
    expect(answer).toMatchObject({ op: 'error', code: 0 });
    expect(answer?.op === 'error' && answer.message).toMatch(/^2 transfers to this address .* b has to wait/);
    await settled(steps, 1);
    expect(steps[0]).toMatchObject({ kind: 'tftp.error', what: 'b', detail: { code: 'TFTP_CLIENT_BUSY' } });
    clients[0]!.ack(1);
    await settled(steps, 2);
    late.request(port, 'b');
    expect(await late.next()).toMatchObject({ op: 'data' });
  });

  it('shares its ports among transfers, and keeps those of one client apart', async () => {
    const content = await file('loader', bytes(1500));
    const { steps, port } = await serve(() => content);
    const clients = await Promise.all(Array.from({ length: 20 }, () => Client.open()));
    for (const client of clients) client.request(port, 'loader');
    for (const client of clients) expect(await client.rest()).toEqual(Buffer.from(bytes(1500)));
    expect(new Set(clients.map(({ peer }) => peer)).size).toBeLessThan(5);
    const twice = await Client.open();
    twice.request(port, 'loader');
    await twice.next();
    const first = twice.peer;
    twice.request(port, 'loader', { blksize: '600' });
    await twice.next();
    expect(twice.peer).not.toBe(first);
    twice.send({ op: 'ack', block: 1 }, first);
    twice.send({ op: 'ack', block: 0 });
    const answers = [await twice.next(), await twice.next()];
    expect(answers).toMatchObject([{ op: 'data' }, { op: 'data' }]);
    expect(answers.map((packet) => packet?.op === 'data' && [packet.block, packet.data.length])).toEqual(
      expect.arrayContaining([
        [1, 600],
        [2, 512],
      ]),
    );
    await settled(steps, 20);
  });

  it('takes another port for the next file of a client, whoever comes in between', async () => {
    const { port } = await serve(() => text('x'));
    const client = await Client.open();
    client.request(port, 'a');
    await client.next();
    const first = client.peer;
    client.ack(1);
    const other = await Client.open();
    other.request(port, 'a');
    await other.next();
    client.request(port, 'b');
    // the same bytes: the test's client takes them for a repetition only when they come from the same port
    expect(await client.next()).toMatchObject({ op: 'data', block: 1 });
    expect(client.peer).not.toBe(first);
  });

  it('is silent when the last ACK comes twice: the client may be asking for the next file', async () => {
    const { steps, port } = await serve(() => text('x'));
    const client = await Client.open();
    client.request(port, 'a');
    await client.next();
    for (let i = 0; i < 3; i++) client.ack(1);
    await settled(steps, 1);
    expect(await client.next(50)).toBeUndefined();
  });

  it('sends again what was not confirmed', async () => {
    const { steps, port } = await serve(() => text('x'));
    const client = await Client.open();
    client.request(port, 'a');
    await client.next();
    await new Promise((done) => setTimeout(done, 1100));
    client.ack(1);
    await settled(steps, 1);
    expect(steps[0]!.detail?.retransmits).toBeGreaterThanOrEqual(1);
  });

  it('sends files that no memory is left for, windows and all', async () => {
    const size = 700_001;
    const content = await file('initrd', bytes(size));
    const { port } = await serve(() => content, { limits: { cacheBytes: 0 } });
    const client = await Client.open();
    client.request(port, 'initrd', { blksize: '1468', windowsize: '8' });
    await client.next();
    client.ack(0);
    const received = await client.rest(1468, 8);
    expect(Buffer.compare(received, bytes(size))).toBe(0);
  });

  it('breaks off when a file shrinks while it is sent', async () => {
    const content = await file('initrd', bytes(2_000_000));
    const { steps, port } = await serve(() => content);
    const client = await Client.open();
    client.request(port, 'initrd', { blksize: '65464' });
    await client.next();
    client.ack(0);
    await client.next();
    await truncate(content.path, 1000);
    // what was read ahead is still sent
    let block = 1;
    for (let packet: Packet | undefined; packet?.op !== 'error'; block++) {
      client.ack(block);
      packet = await client.next();
      if (packet?.op !== 'error') expect(packet).toMatchObject({ op: 'data', block: block + 1 });
    }
    expect(block).toBeLessThan(20);
    await settled(steps, 1);
    expect(steps[0]).toMatchObject({
      kind: 'tftp.error',
      because: { code: 'transfer-failed', size: 2_000_000 },
    });
  });

  it('refuses netascii for what is no text', async () => {
    const content = await file('initrd', bytes(5000));
    const { steps, port } = await serve(() => content, { limits: { netasciiBytes: 1000 } });
    const client = await Client.open();
    client.request(port, 'initrd', {}, 'netascii');
    expect(await client.next()).toMatchObject({ op: 'error', code: 0 });
    await settled(steps, 1);
    expect(steps[0]!.detail).toMatchObject({ code: 'TFTP_NETASCII_TOO_LARGE' });
  });

  it('survives a resolver that throws, and says so', async () => {
    const errors: string[] = [];
    const { steps, port } = await serve(
      () => {
        throw new Error('boom');
      },
      { log: (level, message) => errors.push(`${level} ${message}`) },
    );
    const client = await Client.open();
    client.request(port, 'a');
    expect(await client.next()).toMatchObject({ op: 'error', code: 0 });
    await settled(steps, 1);
    expect(steps[0]!.detail).toMatchObject({ code: 'INTERNAL' });
    expect(errors).toHaveLength(1);
  });

  it('breaks transfers off when it is closed, and frees its ports', async () => {
    const content = await file('loader', bytes(5000));
    const { server, steps, port } = await serve(() => content);
    const client = await Client.open();
    client.request(port, 'loader');
    await client.next();
    await server.close();
    expect(await client.next()).toMatchObject({ op: 'error', code: 0 });
    expect(steps).toHaveLength(1);
    expect(steps[0]!.because.code).toBe('transfer-failed');
    const again = await createWire().open(linkOf('lo'), port);
    await again.close();
  });

  it('opens all its ports or none', async () => {
    const wire = createWire();
    const failing = new TftpServer({
      wire: {
        open: (link, port) =>
          link.name === 'lo'
            ? wire.open(link, port)
            : Promise.reject(new ChainbootError('LINK_MISSING', { link: link.name })),
      },
      links: [linkOf('lo'), { ...linkOf('lo'), name: 'nic9' }],
      port: 0,
      resolve: async () => text(''),
      record: () => {},
      now: () => 0,
      log: () => {},
    });
    await expect(failing.start()).rejects.toMatchObject({ code: 'LINK_MISSING' });
  });
});

describe.each([true, false])('single-port mode, native calls: %s', (native) => {
  const single = { singlePort: true, wire: createWire({ native }) };

  it('sends everything from the port of the requests', async () => {
    const content = await file('loader', bytes(30_000));
    const { server, steps, port } = await serve(() => content, single);
    expect(server.addresses).toHaveLength(1);
    const clients = await Promise.all(Array.from({ length: 8 }, () => Client.open()));
    for (const client of clients) client.request(port, 'loader', { blksize: '1000', windowsize: '4' });
    for (const client of clients) {
      expect(await client.next()).toMatchObject({ op: 'oack' });
      client.ack(0);
    }
    for (const client of clients) {
      const received = await client.rest(1000, 4);
      expect([client.peer, Buffer.compare(received, bytes(30_000))]).toEqual([port, 0]);
    }
    await settled(steps, 8);
  });

  it('takes another request of a client for the end of its first', async () => {
    const contents = { a: await file('a', bytes(3000)), b: await file('b', new Uint8Array(700).fill(7)) };
    const { steps, port } = await serve((name) => contents[name as 'a' | 'b'], single);
    const client = await Client.open();
    client.request(port, 'a');
    await client.next();
    client.request(port, 'b');
    expect(await client.rest()).toEqual(Buffer.alloc(700, 7));
    await settled(steps, 2);
    expect(steps.map(({ what, because }) => [what, because.code])).toEqual([
      ['a', 'transfer-restarted'],
      ['b', 'transfer-complete'],
    ]);
  });

  it('answers strangers, writers and late ACKs as they deserve', async () => {
    const { steps, port } = await serve(() => text('x'), single);
    const client = await Client.open();
    client.request(port, 'a');
    await client.next();
    const stranger = await Client.open();
    stranger.send({ op: 'ack', block: 1 }, port);
    expect(await stranger.next()).toMatchObject({ op: 'error', code: 4 });
    stranger.send({ op: 'wrq', filename: 'upload', mode: 'octet', options: [] }, port);
    expect(await stranger.next()).toMatchObject({ op: 'error', code: 2 });
    client.ack(1);
    client.ack(1);
    await settled(steps, 3);
    expect(await client.next(50)).toBeUndefined();
    expect(steps.at(-1)!.because.code).toBe('transfer-complete');
  });
});
