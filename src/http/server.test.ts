import { mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ChainbootError } from '../errors.ts';
import type { Outcome, Route } from './answer.ts';
import { FileCache } from './file-cache.ts';
import { healthRoutes } from './health.ts';
import { BootHttpServer, type HttpLimits } from './server.ts';

const SIZE = 3_000_000;
const LARGE = 12_000_000;

let directory: string;
let server: BootHttpServer;
let cache: FileCache;
let port: number;
let base: string;
const outcomes: Outcome[] = [];
const logged: string[] = [];
const problems: string[] = [];

const routes: readonly Route[] = [
  ...healthRoutes({ problems: async () => problems }),
  {
    methods: ['GET', 'HEAD'],
    pattern: '/file/:name',
    handle: async (_request, { name }) => ({
      kind: 'file',
      path: join(directory, name!),
      name: name!,
      onFinished: (outcome) => outcomes.push(outcome),
    }),
  },
  {
    methods: ['GET'],
    pattern: '/script/:kind',
    isScript: ({ kind }) => kind === 'iPXE',
    handle: async (_request, { kind }) => {
      throw new ChainbootError('HOST_UNKNOWN', { evidence: `kind=${kind}` });
    },
  },
  {
    methods: ['POST'],
    pattern: '/echo',
    handle: async (request) => ({
      kind: 'text',
      status: 201,
      text: Buffer.from(await request.readBody(100)).toString(),
    }),
  },
  { methods: ['POST'], pattern: '/deaf', handle: async () => ({ kind: 'text', status: 201, text: 'ok' }) },
  { methods: ['GET'], pattern: '/empty', handle: async () => ({ kind: 'empty', status: 204 }) },
  { methods: ['GET'], pattern: '/away', handle: async () => ({ kind: 'empty', status: 302 }) },
  {
    methods: ['GET'],
    pattern: '/who',
    handle: async ({ remote, agent, url, headers }) => ({
      kind: 'text',
      status: 200,
      text: JSON.stringify({ remote, agent, url, accept: headers.accept }),
      type: 'application/json',
    }),
  },
  {
    methods: ['GET'],
    pattern: '/defect',
    handle: async () => {
      throw new TypeError('x is not a function');
    },
  },
];

function newServer(limits: Partial<HttpLimits> = {}): BootHttpServer {
  const log = (_level: string, message: string) => logged.push(message);
  return new BootHttpServer({ routes, cache, log, now: Date.now, limits });
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chainboot-http-'));
  await writeFile(join(directory, 'linux'), Buffer.alloc(SIZE, 'kernel'));
  await writeFile(join(directory, 'rootfs'), Buffer.alloc(LARGE, 'root'));
  await writeFile(join(directory, 'nothing'), '');
  cache = new FileCache({ budget: 8_000_000 });
  server = newServer();
  await server.start([{ address: '127.0.0.1', port: 0, link: 'lo' }]);
  port = server.addresses[0]!.port;
  base = `http://127.0.0.1:${port}`;
});

afterEach(() => {
  outcomes.length = 0;
  logged.length = 0;
  problems.length = 0;
});

afterAll(async () => {
  await server.close(0);
  await rm(directory, { recursive: true });
});

/** Sends bytes as they are and answers with all that comes back until the server closes or `until` is seen. */
async function raw(bytes: string | Uint8Array, until?: string, to = port): Promise<string> {
  const socket = connect(to, '127.0.0.1');
  let text = '';
  await new Promise<void>((resolve) => {
    socket.on('connect', () => socket.write(bytes));
    socket.on('data', (piece) => {
      text += piece.toString('latin1');
      if (until !== undefined && text.includes(until)) resolve();
    });
    socket.on('error', () => resolve());
    socket.on('close', () => resolve());
  });
  socket.destroy();
  return text;
}

describe('files', () => {
  it.each([
    ['cached', 'linux', Buffer.alloc(SIZE, 'kernel')],
    ['streamed', 'rootfs', Buffer.alloc(LARGE, 'root')],
  ])('are sent whole, in part and by head alone: %s', async (_how, name, content) => {
    const whole = await fetch(`${base}/file/${name}`);
    expect([whole.status, whole.headers.get('accept-ranges')]).toEqual([200, 'bytes']);
    expect(Buffer.from(await whole.arrayBuffer()).equals(content)).toBe(true);

    const range = `bytes=1000001-${content.length - 3}`;
    const part = await fetch(`${base}/file/${name}`, { headers: { Range: range } });
    expect(part.status).toBe(206);
    expect(part.headers.get('content-range')).toBe(`bytes 1000001-${content.length - 3}/${content.length}`);
    expect(Buffer.from(await part.arrayBuffer()).equals(content.subarray(1_000_001, -2))).toBe(true);

    const head = await fetch(`${base}/file/${name}`, { method: 'HEAD' });
    expect(head.headers.get('content-length')).toBe(String(content.length));
    await vi.waitFor(() => expect(outcomes.length).toBe(3));
    expect(outcomes).toMatchObject([
      { status: 200, bytes: content.length, size: content.length, aborted: false },
      { status: 206, bytes: content.length - 1_000_003, aborted: false },
      { status: 200, bytes: 0, size: 0, aborted: false },
    ]);
  });

  it('are 304 for a copy that is fresh, but not for iPXE', async () => {
    const etag = (await fetch(`${base}/file/linux`)).headers.get('etag')!;
    const fresh = await fetch(`${base}/file/linux`, { headers: { 'If-None-Match': etag } });
    expect([fresh.status, await fresh.text()]).toEqual([304, '']);
    const ipxe = await fetch(`${base}/file/linux`, {
      headers: { 'If-None-Match': etag, 'User-Agent': 'iPXE/1.0.0' },
    });
    expect([ipxe.status, (await ipxe.arrayBuffer()).byteLength]).toEqual([200, SIZE]);
    const stale = await fetch(`${base}/file/linux`, { headers: { 'If-Match': '"other"' } });
    expect([stale.status, await stale.text()]).toEqual([412, '']);
  });

  it('may be empty', async () => {
    const answer = await fetch(`${base}/file/nothing`);
    expect([answer.status, answer.headers.get('content-length'), await answer.text()]).toEqual([
      200,
      '0',
      '',
    ]);
  });

  it('are refused in plain words, also to iPXE', async () => {
    for (const [path, status, code, headers] of [
      ['/file/missing', 404, 'FILE_NOT_FOUND', { 'User-Agent': 'iPXE/1.0.0' }],
      ['/file/.', 404, 'FILE_NOT_FOUND', {}],
      ['/file/linux', 416, 'RANGE_NOT_SATISFIABLE', { Range: `bytes=${SIZE}-` }],
    ] as const) {
      const answer = await fetch(base + path, { headers });
      expect([answer.status, answer.headers.get('x-chainboot-error')]).toEqual([status, code]);
      expect(await answer.text()).toMatch(new RegExp(`^${code}: `));
    }
  });

  it('are read from the disk once for 64 clients', async () => {
    await writeFile(join(directory, 'initrd'), Buffer.alloc(SIZE, 'initrd'));
    const { loads } = cache.stats;
    const wanted = Buffer.alloc(SIZE, 'initrd');
    const same = await Promise.all(
      Array.from({ length: 64 }, async () => {
        const answer = await fetch(`${base}/file/initrd`);
        return Buffer.from(await answer.arrayBuffer()).equals(wanted);
      }),
    );
    expect(same.every(Boolean)).toBe(true);
    expect(cache.stats.loads).toBe(loads + 1);
  });

  it('stay whole when another takes their name while they are sent', async () => {
    const answer = await fetch(`${base}/file/rootfs`);
    await writeFile(join(directory, 'next'), Buffer.alloc(LARGE, 'next'));
    await rename(join(directory, 'next'), join(directory, 'rootfs'));
    expect(Buffer.from(await answer.arrayBuffer()).equals(Buffer.alloc(LARGE, 'root'))).toBe(true);
    const after = await fetch(`${base}/file/rootfs`);
    expect(Buffer.from(await after.arrayBuffer()).equals(Buffer.alloc(LARGE, 'next'))).toBe(true);
  });

  it('are cut, never padded, when they shrink while they are sent', async () => {
    const path = join(directory, 'shrinking');
    // Larger than what socket buffers on both sides swallow.
    await writeFile(path, Buffer.alloc(40_000_000, 'x'));
    const socket = connect(port, '127.0.0.1');
    socket.write('GET /file/shrinking HTTP/1.1\r\nHost: a\r\n\r\n');
    await new Promise((resolve) => socket.once('readable', resolve));
    await truncate(path, 1000);
    let got = 0;
    socket.on('data', (piece) => (got += piece.length));
    await new Promise((resolve) => socket.once('close', resolve).on('error', resolve));
    expect(got).toBeLessThan(40_000_000);
    await vi.waitFor(() => expect(outcomes).toMatchObject([{ status: 200, aborted: true }]));
    expect(outcomes[0]!.error?.code).toBe('FILE_CHANGED');
  });

  it('are told as aborted, once, when the client leaves', async () => {
    await writeFile(join(directory, 'long'), Buffer.alloc(40_000_000));
    const socket = connect(port, '127.0.0.1');
    socket.write('GET /file/long HTTP/1.1\r\nHost: a\r\n\r\n');
    await new Promise((resolve) => socket.once('readable', resolve));
    socket.destroy();
    await vi.waitFor(() => expect(outcomes.length).toBe(1));
    expect(outcomes[0]).toMatchObject({ status: 200, size: 40_000_000, aborted: true });
    expect(outcomes[0]!.bytes).toBeLessThan(40_000_000);
    await sleep(20);
    expect(outcomes.length).toBe(1);
  });
});

describe('answers', () => {
  it('are 404 with the code on an unknown path, for iPXE too', async () => {
    const answer = await fetch(`${base}/autoexec.ipxe`, { headers: { 'User-Agent': 'iPXE/1.0.0' } });
    expect(answer.status).toBe(404);
    expect(answer.headers.get('x-chainboot-error')).toBe('FILE_NOT_FOUND');
  });

  it('name the methods that are allowed', async () => {
    const answer = await fetch(`${base}/file/linux`, { method: 'DELETE' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('tell who asks', async () => {
    const answer = await fetch(`${base}/who?a=1`, { headers: { 'User-Agent': 'Syslinux/6.04' } });
    expect(await answer.json()).toMatchObject({
      remote: { address: '127.0.0.1', port: expect.any(Number), link: 'lo' },
      agent: 'syslinux',
      url: `${base}/who?a=1`,
    });
  });

  it('come after the body, within its limit', async () => {
    const answer = await fetch(`${base}/echo`, { method: 'POST', body: 'hello' });
    expect([answer.status, await answer.text()]).toEqual([201, 'hello']);
    const large = await fetch(`${base}/echo`, { method: 'POST', body: 'x'.repeat(101) });
    expect([large.status, large.headers.get('x-chainboot-error')]).toEqual([413, 'REQUEST_TOO_LARGE']);
  });

  it('reach a client whose body nobody reads', async () => {
    const answer = await fetch(`${base}/deaf`, { method: 'POST', body: 'x'.repeat(3_000_000) });
    expect([answer.status, await answer.text()]).toEqual([201, 'ok']);
  });

  it('are scripts for an iPXE that would run them', async () => {
    const script = await fetch(`${base}/script/iPXE?mac=1`, { headers: { 'User-Agent': 'iPXE/1.0.0' } });
    expect(script.status).toBe(200);
    const text = await script.text();
    expect(text).toMatch(/^#!ipxe\n/);
    expect(text).toContain('HOST_UNKNOWN');
    expect(text).toContain(`Request ${script.headers.get('x-request-id')}\n`);
    expect(text).toContain(`chain --replace --autofree ${base}/script/iPXE?mac=1 `);
    expect((await fetch(`${base}/script/iPXE`)).status).toBe(404);
  });

  it('are never 204 or a redirect', async () => {
    for (const path of ['/empty', '/away']) {
      const answer = await fetch(base + path, { redirect: 'manual' });
      expect([answer.status, answer.headers.get('x-chainboot-error')]).toEqual([500, 'INTERNAL']);
    }
    expect(logged.length).toBe(2);
  });

  it('tell of a defect, and so does the log', async () => {
    const answer = await fetch(`${base}/defect`);
    expect([answer.status, answer.headers.get('x-chainboot-error')]).toEqual([500, 'INTERNAL']);
    expect(logged).toEqual(['x is not a function']);
  });

  it('say whether machines can be booted', async () => {
    expect((await fetch(`${base}/healthz`)).status).toBe(200);
    expect((await fetch(`${base}/readyz`)).status).toBe(200);
    problems.push('the database cannot be written');
    const answer = await fetch(`${base}/readyz`);
    expect([answer.status, await answer.text()]).toEqual([503, 'the database cannot be written\n']);
  });
});

describe('the wire', () => {
  it('carries several requests over one connection, the pipelined ones in order', async () => {
    const one = 'GET /file/nothing HTTP/1.1\r\nHost: a\r\n\r\n';
    const two = 'GET /who HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
    const text = await raw(one + one + two);
    expect(text.match(/HTTP\/1\.1 200/g)?.length).toBe(3);
    expect(text.lastIndexOf('application/json')).toBeGreaterThan(text.lastIndexOf('octet-stream'));
  });

  it('counts a pipelined answer as sent, though the next one follows at once', async () => {
    const keep = 'GET /file/linux HTTP/1.1\r\nHost: a\r\n\r\n';
    const last = 'GET /file/linux HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
    expect((await raw(keep + keep + last)).length).toBeGreaterThan(3 * SIZE);
    await vi.waitFor(() => expect(outcomes.length).toBe(3));
    expect(outcomes.map(({ bytes, aborted }) => [bytes, aborted])).toEqual(Array(3).fill([SIZE, false]));
  });

  it('speaks HTTP/1.0, as lpxelinux.0 does', async () => {
    const text = await raw('GET /file/nothing HTTP/1.0\r\n\r\n');
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*Connection: close/);
  });

  it('cuts a client that sends requests without end', async () => {
    await raw('GET /file/linux HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(1000));
    await vi.waitFor(() => expect(outcomes.length).toBeLessThanOrEqual(16));
    expect((await fetch(`${base}/healthz`)).status).toBe(200);
  });

  it.each([
    ['no HTTP', 'hello\r\n\r\n', /^HTTP\/1\.1 400 [\s\S]*REQUEST_MALFORMED/],
    ['a name outside', 'GET /../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['a hidden one', 'GET /file/%2e%2e HTTP/1.1\r\nHost: a\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['NUL', 'GET /file/linux%00 HTTP/1.1\r\nHost: a\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['a long head', `GET / HTTP/1.1\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`, /^HTTP\/1\.1 431 /],
  ])('answers %s with a refusal', async (_what, bytes, expected) => {
    expect(await raw(bytes, '\r\n\r\n')).toMatch(expected);
  });

  it('logs rubbish once in a while, not each time', async () => {
    const fresh = newServer();
    await fresh.start([{ address: '127.0.0.1', port: 0 }]);
    for (let i = 0; i < 5; i++) await raw('rubbish\r\n\r\n', undefined, fresh.addresses[0]!.port);
    expect(logged).toEqual(['requests that are not HTTP were refused']);
    await fresh.close(0);
  });

  it('survives anything, answers or closes, and keeps no connection', async () => {
    const fresh = newServer({ headTimeout: 200, requestTimeout: 200 });
    await fresh.start([{ address: '127.0.0.1', port: 0 }]);
    const to = fresh.addresses[0]!.port;
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
      fc.constantFrom(
        'GET ',
        'POST ',
        '/file/linux',
        '/',
        ' HTTP/1.1',
        '\r\n',
        '\r\n\r\n',
        'Host: a\r\n',
        '%',
      ),
      fc.constantFrom('Content-Length: 9\r\n', 'Transfer-Encoding: chunked\r\n', 'Range: bytes=', 'HEAD '),
    );
    const message = fc.array(piece, { maxLength: 12 }).map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(message, async (text) => {
        const answer = await raw(Buffer.from(`${text}\r\n\r\n`, 'latin1'), '\r\n\r\n', to);
        expect(answer === '' || answer.startsWith('HTTP/1.1 ')).toBe(true);
      }),
      { numRuns: 80 },
    );
    const started = performance.now();
    await fresh.close(5000);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe('listening', () => {
  it('says which port is taken, and then listens on none', async () => {
    const second = newServer();
    const listens = [
      { address: '127.0.0.1', port: 0 },
      { address: '127.0.0.1', port },
    ];
    await expect(second.start(listens)).rejects.toMatchObject({ code: 'PORT_TAKEN' });
    expect(second.addresses).toEqual([]);
  });

  it('says that an address is not ours', async () => {
    await expect(newServer().start([{ address: '192.0.2.1', port: 0 }])).rejects.toMatchObject({
      code: 'ADDRESS_MISSING',
    });
  });

  it('lets a running transfer finish and takes no new one', async () => {
    const closing = newServer();
    await closing.start([{ address: '127.0.0.1', port: 0 }]);
    const url = `http://127.0.0.1:${closing.addresses[0]!.port}/file/rootfs`;
    const answer = await fetch(url);
    const closed = closing.close(5000);
    expect((await answer.arrayBuffer()).byteLength).toBe(LARGE);
    await closed;
    await expect(fetch(url)).rejects.toThrow();
  });

  it('waits for no connection that asks nothing', async () => {
    const closing = newServer();
    await closing.start([{ address: '127.0.0.1', port: 0 }]);
    const socket = connect(closing.addresses[0]!.port, '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    await fetch(`http://127.0.0.1:${closing.addresses[0]!.port}/healthz`);
    const started = performance.now();
    await closing.close(5000);
    expect(performance.now() - started).toBeLessThan(5_000);
    socket.destroy();
  });

  it('cuts a transfer that goes on after the grace', async () => {
    const closing = newServer();
    await closing.start([{ address: '127.0.0.1', port: 0 }]);
    const socket: Socket = connect(closing.addresses[0]!.port, '127.0.0.1');
    socket.write('GET /file/rootfs HTTP/1.1\r\nHost: a\r\n\r\n');
    await new Promise((resolve) => socket.once('readable', resolve));
    const started = performance.now();
    await closing.close(100);
    expect(performance.now() - started).toBeLessThan(5_000);
    socket.destroy();
  });

  it('cuts a connection on which nothing moves', async () => {
    const quick = newServer({ idleTimeout: 100, keepAliveTimeout: 100 });
    await quick.start([{ address: '127.0.0.1', port: 0 }]);
    const started = performance.now();
    await raw('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n', undefined, quick.addresses[0]!.port);
    expect(performance.now() - started).toBeLessThan(15_000);
    await quick.close(0);
  });
});
