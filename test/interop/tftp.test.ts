/** Our TFTP server and the clients of others, over loopback: whole files, options, misses, loss. */

import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import type { ContentResolver } from '../../src/boot/files.ts';
import { because } from '../../src/boot/reason.ts';
import type { Step } from '../../src/boot/step.ts';
import { linkOf } from '../../src/link/links.ts';
import { datagramsOf } from '../../src/link/segments.ts';
import type { UdpPort, Wire } from '../../src/link/types.ts';
import { createWire } from '../../src/link/wire.ts';
import { type TftpDeps, TftpServer } from '../../src/tftp/server.ts';

const run = promisify(execFile);

type Tool = { readonly name: string; readonly program: string; readonly debian: string };
type Fetch = { readonly port: number; readonly name: string; readonly to: string };
type Client = Tool & {
  readonly args: (fetch: Fetch) => string[];
  /** What the step of a whole transfer must say was granted. */
  readonly granted: Readonly<Record<string, number>>;
};

const ATFTP: Tool = { name: 'atftp', program: 'atftp', debian: 'atftp' };
const HPA: Tool = { name: 'tftp-hpa', program: 'tftp', debian: 'tftp-hpa' };
const CURL: Tool = { name: 'curl', program: 'curl', debian: 'curl' };
const BUSYBOX: Tool = { name: 'busybox', program: 'busybox', debian: 'busybox' };

function atftp(...options: string[]): Client['args'] {
  const list = options.flatMap((option) => ['--option', option]);
  return ({ port, name, to }) => ['-g', '-r', name, '-l', to, ...list, '127.0.0.1', String(port)];
}

function curlBlocks(blksize: number): Client['args'] {
  return ({ port, name, to }) => [
    ...['-sS', '-m', '20', '--tftp-blksize', String(blksize), '-o', to],
    `tftp://127.0.0.1:${port}/${name}`,
  ];
}

const CLIENTS: readonly Client[] = [
  { ...ATFTP, args: atftp(), granted: { blksize: 512, windowsize: 1 } },
  {
    ...ATFTP,
    name: 'atftp with blksize, tsize',
    args: atftp('blksize 1432', 'tsize 0'),
    granted: { blksize: 1432, windowsize: 1 },
  },
  {
    ...ATFTP,
    name: 'atftp with windowsize 16',
    args: atftp('blksize 1432', 'windowsize 16'),
    granted: { blksize: 1432, windowsize: 16 },
  },
  {
    ...ATFTP,
    name: 'atftp with the largest block',
    args: atftp('blksize 65464', 'timeout 3'),
    granted: { blksize: 65464, windowsize: 1 },
  },
  {
    ...HPA,
    args: ({ port, name, to }) => ['-m', 'octet', '127.0.0.1', String(port), '-c', 'get', name, to],
    granted: { blksize: 512, windowsize: 1 },
  },
  {
    ...CURL,
    args: ({ port, name, to }) => ['-sS', '-m', '20', '-o', to, `tftp://127.0.0.1:${port}/${name}`],
    granted: { blksize: 512, windowsize: 1 },
  },
  {
    ...CURL,
    name: 'curl with --tftp-blksize',
    args: curlBlocks(1400),
    granted: { blksize: 1400, windowsize: 1 },
  },
  {
    ...BUSYBOX,
    args: ({ port, name, to }) => [
      ...['tftp', '-g', '-r', name, '-l', to, '-b', '1432', '127.0.0.1'],
      String(port),
    ],
    granted: { blksize: 1432, windowsize: 1 },
  },
];

const SIZES = [0, 1, 511, 512, 1432, 14_320, 100_003, 1_600_000];

let directory: string;
const servers: TftpServer[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chainboot-tftp-'));
  for (const size of SIZES) {
    await writeFile(
      join(directory, `file${size}`),
      Uint8Array.from({ length: size }, (_, i) => i % 251),
    );
  }
  await writeFile(join(directory, 'text'), 'one\ntwo\r\nthree\rfour\n');
  await mkdir(join(directory, 'Boot'));
  await writeFile(join(directory, 'Boot', 'BCD'), 'regf');
});

afterAll(async () => {
  for (const server of servers) await server.close();
  await rm(directory, { recursive: true });
});

const RENDERED = new TextEncoder().encode('#!ipxe\n'.repeat(300));

const resolve: ContentResolver = async (name) => {
  const reason = because('loader-file', { name, path: name });
  return name === 'rendered'
    ? { kind: 'bytes', bytes: RENDERED, because: reason }
    : { kind: 'file', path: join(directory, name), because: reason };
};

async function serve(wire: Wire = createWire(), deps: Partial<TftpDeps> = {}) {
  const steps: Step[] = [];
  const server = new TftpServer({
    wire,
    links: [linkOf('lo')],
    port: 0,
    resolve,
    record: (step) => steps.push(step),
    now: Date.now,
    log: () => {},
    ...deps,
  });
  await server.start();
  servers.push(server);
  return { steps, port: server.addresses[0]!.port };
}

const LOST = [13, 31, 47, 62];

/** `drop` is asked for every datagram in either direction. */
function losing(wire: Wire, drop: () => boolean): Wire {
  const wrap = (port: UdpPort): UdpPort => ({
    link: port.link,
    port: port.port,
    onBatch: (handler) => port.onBatch((batch) => handler(batch.filter(() => !drop()))),
    send: (batch) => port.send(batch.flatMap(datagramsOf).filter(() => !drop())),
    onError: (handler) => port.onError(handler),
    close: () => port.close(),
  });
  return { open: async (...args) => wrap(await wire.open(...args)) };
}

async function need(tool: Tool, ctx: TestContext): Promise<void> {
  const found = await run('sh', ['-c', `command -v ${tool.program}`]).catch(() => undefined);
  if (found === undefined) ctx.skip(`${tool.program} is missing: apt install ${tool.debian}`);
}

async function fetched(client: Client, port: number, name: string): Promise<Buffer> {
  const to = join(directory, `${client.name}-${name}`.replace(/\W/g, '-'));
  await run(client.program, client.args({ port, name, to }), { timeout: 60_000 });
  return readFile(to);
}

/** The server hears of the last ACK a moment after the client has exited. */
async function stepsOf(steps: readonly Step[], count: number): Promise<readonly Step[]> {
  for (let i = 0; i < 2000 && steps.length < count; i++) await new Promise((done) => setTimeout(done, 10));
  return steps;
}

describe.each(CLIENTS)('$name', (client) => {
  it('fetches files of all lengths', async (ctx) => {
    await need(client, ctx);
    const { port, steps } = await serve();
    for (const size of SIZES) {
      const received = await fetched(client, port, `file${size}`);
      expect(received.equals(await readFile(join(directory, `file${size}`)))).toBe(true);
    }
    for (const [i, step] of (await stepsOf(steps, SIZES.length)).entries()) {
      expect(step).toMatchObject({
        kind: 'tftp.file',
        because: { code: 'transfer-complete', bytes: SIZES[i] },
        detail: client.granted,
      });
    }
    expect(steps).toHaveLength(SIZES.length);
  });

  it('hears that a file does not exist', async (ctx) => {
    await need(client, ctx);
    const { port, steps } = await serve();
    // tftp-hpa exits with 0 all the same
    await fetched(client, port, 'missing').catch(() => {});
    expect((await stepsOf(steps, 1))[0]).toMatchObject({
      kind: 'tftp.error',
      what: 'missing',
      detail: { code: 'FILE_NOT_FOUND', error: 1 },
    });
  });
});

describe.each([CLIENTS[1]!, CLIENTS[2]!, CLIENTS[4]!, CLIENTS[5]!, CLIENTS[7]!])('$name', (client) => {
  it('gets everything from one port', async (ctx) => {
    await need(client, ctx);
    const { port, steps } = await serve(createWire(), { singlePort: true });
    for (const name of ['file1600000', 'file0', 'file100003']) {
      const received = await fetched(client, port, name);
      expect(received.equals(await readFile(join(directory, name)))).toBe(true);
    }
    const ends = (await stepsOf(steps, 3)).map(({ because }) => because.code);
    expect(ends).toEqual(Array.from({ length: 3 }, () => 'transfer-complete'));
  });

  it('may write names as Windows does', async (ctx) => {
    await need(client, ctx);
    const { port, steps } = await serve();
    // In the URL that curl is given they would become slashes.
    const name = client.program === 'curl' ? '%5CBoot%5CBCD' : '\\Boot\\BCD';
    expect((await fetched(client, port, name)).toString()).toBe('regf');
    expect((await stepsOf(steps, 1))[0]).toMatchObject({ what: 'Boot/BCD', bytes: 4 });
  });

  it('is told that nobody may write', async (ctx) => {
    await need(client, ctx);
    const { port, steps } = await serve();
    const said = await run(client.program, putArgs(client.program, port), { timeout: 60_000 }).catch(
      (error: unknown) => error as { readonly stdout: string; readonly stderr: string },
    );
    expect(`${said.stdout}${said.stderr}`).toMatch(SAYS_WHY.has(client.program) ? /cannot be written/ : /./);
    expect((await stepsOf(steps, 1))[0]).toMatchObject({
      kind: 'tftp.error',
      what: 'upload',
      detail: { code: 'TFTP_READ_ONLY', error: 2 },
    });
  });
});

/** The others print a sentence of their own for each error number. */
const SAYS_WHY = new Set(['atftp', 'tftp', 'busybox']);

function putArgs(program: string, port: number): string[] {
  const file = join(directory, 'text');
  const at = ['127.0.0.1', String(port)];
  switch (program) {
    case 'atftp':
      return ['-p', '-l', file, '-r', 'upload', ...at];
    case 'tftp':
      return ['-m', 'octet', ...at, '-c', 'put', file, 'upload'];
    case 'curl':
      return ['-sS', '-m', '20', '-T', file, `tftp://127.0.0.1:${port}/upload`];
    default:
      return ['tftp', '-p', '-l', file, '-r', 'upload', ...at];
  }
}

describe('a rendered file', () => {
  it.for([CLIENTS[1]!, CLIENTS[5]!])('tells $name its size', async (client, ctx) => {
    await need(client, ctx);
    const { port, steps } = await serve();
    expect((await fetched(client, port, 'rendered')).equals(RENDERED)).toBe(true);
    expect((await stepsOf(steps, 1))[0]).toMatchObject({ detail: { tsize: RENDERED.length } });
  });
});

describe('more than 65536 blocks', () => {
  it.for<Client>([
    { ...ATFTP, args: atftp('blksize 8', 'windowsize 64'), granted: {} },
    { ...CURL, args: curlBlocks(24), granted: {} },
  ])('do not end at block 65535 for $name', async (client, ctx) => {
    await need(client, ctx);
    const { port, steps } = await serve();
    const received = await fetched(client, port, 'file1600000');
    expect(received.equals(await readFile(join(directory, 'file1600000')))).toBe(true);
    expect((await stepsOf(steps, 1))[0]).toMatchObject({
      because: { code: 'transfer-complete', bytes: 1_600_000 },
    });
  });
});

describe('too many transfers to one address', () => {
  it('are refused in words that atftp shows', async (ctx) => {
    await need(ATFTP, ctx);
    const { port, steps } = await serve(createWire(), { limits: { perClient: 1 } });
    const holder = createSocket('udp4');
    holder.send('\0\x01text\0octet\0', port, '127.0.0.1');
    await once(holder, 'message');
    const refused = await run('atftp', atftp()({ port, name: 'text', to: join(directory, 'refused') })).catch(
      (error: unknown) => error as { readonly stderr: string },
    );
    holder.close();
    expect(refused.stderr).toContain('1 transfers to this address are running already');
    expect((await stepsOf(steps, 1))[0]).toMatchObject({ detail: { code: 'TFTP_CLIENT_BUSY' } });
  });
});

describe('mode netascii', () => {
  it('gives tftp-hpa back the text it was', async (ctx) => {
    await need(HPA, ctx);
    const { port } = await serve();
    const args: Client['args'] = ({ port, name, to }) => [
      ...['-m', 'netascii', '127.0.0.1', String(port), '-c', 'get', name, to],
    ];
    const received = await fetched({ ...HPA, name: 'netascii', args, granted: {} }, port, 'text');
    expect(received.toString()).toBe('one\ntwo\r\nthree\rfour\n');
  });
});

describe('a network that loses packets', () => {
  it.for([CLIENTS[1]!, CLIENTS[2]!, CLIENTS[4]!])('$name still gets the whole file', async (client, ctx) => {
    await need(client, ctx);
    let packet = 0;
    // Not the first ones: these clients wait 5 s before they repeat a request. Nor the last ACK, 75th or later: who
    // has sent it is gone.
    const { port, steps } = await serve(losing(createWire(), () => LOST.includes(++packet)));
    const received = await fetched(client, port, 'file100003');
    expect(received.equals(await readFile(join(directory, 'file100003')))).toBe(true);
    const [step] = await stepsOf(steps, 1);
    expect(step?.detail?.retransmits).toBeGreaterThan(0);
  });
});

describe('plain dgram sockets, without native calls', () => {
  it.for([CLIENTS[2]!, CLIENTS[7]!])('$name gets the whole file', async (client, ctx) => {
    await need(client, ctx);
    const { port, steps } = await serve(createWire({ native: false }));
    const received = await fetched(client, port, 'file1600000');
    expect(received.equals(await readFile(join(directory, 'file1600000')))).toBe(true);
    expect((await stepsOf(steps, 1))[0]).toMatchObject({ because: { code: 'transfer-complete' } });
  });
});
