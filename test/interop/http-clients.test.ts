/** The boot plane and whoever asks it: wget, busybox, PXELINUX's HTTP/1.0, OVMF's HEAD and GET, and ruder ones. */

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import type { Route } from '../../src/http/answer.ts';
import { FileCache } from '../../src/http/file-cache.ts';
import { BootHttpServer } from '../../src/http/server.ts';

const run = promisify(execFile);
const initrd = randomBytes(3_000_017);
const SCRIPT = '#!ipxe\necho Grüße\n';

let directory: string;
let server: BootHttpServer;
let port: number;
let base: string;
/** What was asked, as `METHOD path agent`. */
const asked: string[] = [];

const noting = (handle: Route['handle']): Route['handle'] => {
  return (request, params) => {
    asked.push(`${request.method} ${request.path} ${request.agent}`);
    return handle(request, params);
  };
};

const routes: readonly Route[] = [
  {
    methods: ['GET', 'HEAD'],
    pattern: '/initrd.gz',
    handle: noting(async () => ({ kind: 'file', path: join(directory, 'initrd.gz'), name: 'initrd.gz' })),
  },
  {
    methods: ['GET', 'HEAD'],
    pattern: '/unattended/iPXE',
    handle: noting(async () => ({ kind: 'text', status: 200, text: SCRIPT })),
  },
  {
    methods: ['GET', 'HEAD'],
    pattern: '/httpboot/grub/grub.cfg',
    handle: noting(async () => ({
      kind: 'bytes',
      status: 200,
      bytes: Buffer.from('0123456789'),
      type: 'application/octet-stream',
    })),
  },
];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chainboot-clients-'));
  await writeFile(join(directory, 'initrd.gz'), initrd);
  server = new BootHttpServer({ routes, cache: new FileCache(), log: () => {}, now: Date.now });
  await server.start([{ address: '127.0.0.1', port: 0 }]);
  port = server.addresses[0]!.port;
  base = `http://127.0.0.1:${port}`;
});
beforeEach(() => {
  asked.length = 0;
});
afterAll(async () => {
  await server.close(0);
  await rm(directory, { recursive: true });
});

async function tool(context: TestContext, debian: string, program: string, ...args: string[]) {
  try {
    return await run(program, args, { cwd: directory, timeout: 60_000 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      context.skip(`${program} (Debian package ${debian})`);
    throw error;
  }
}

const got = (name: string) => readFile(join(directory, name));

/** Sends bytes as they are, and all that comes until the server closes. */
function raw(...requests: readonly string[]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(requests.join('')));
    socket.setTimeout(10_000, () => socket.destroy(new Error('the server keeps the connection')));
    socket.on('data', (piece) => pieces.push(piece));
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(pieces)));
  });
}

type Answer = { readonly status: string; readonly head: string; readonly body: Buffer };

function split(answer: Buffer): Answer {
  const end = answer.indexOf('\r\n\r\n');
  const head = answer.subarray(0, end).toString('latin1');
  return {
    status: head.slice(0, head.indexOf('\r\n')),
    head: head.toLowerCase(),
    body: answer.subarray(end + 4),
  };
}

describe('wget', () => {
  it('downloads, and goes on where it was interrupted', async (context) => {
    await tool(context, 'wget', 'wget', '-q', '-O', 'whole', `${base}/initrd.gz`);
    expect((await got('whole')).equals(initrd)).toBe(true);
    await writeFile(join(directory, 'initrd.gz.part'), initrd.subarray(0, 1_234_567));
    await tool(context, 'wget', 'wget', '-q', '-c', '-O', 'initrd.gz.part', `${base}/initrd.gz`);
    expect((await got('initrd.gz.part')).equals(initrd)).toBe(true);
  });

  it('leaves alone what is not newer', async (context) => {
    await tool(context, 'wget', 'wget', '-q', '-N', '-P', 'mirror', `${base}/initrd.gz`);
    const { stderr } = await tool(context, 'wget', 'wget', '-N', '-P', 'mirror', `${base}/initrd.gz`);
    expect(stderr).toContain('304 Not Modified');
  });
});

describe('busybox wget, as in an installer', () => {
  it('downloads, goes on, and gets the script', async (context) => {
    await tool(context, 'busybox', 'busybox', 'wget', '-q', '-O', 'busy', `${base}/initrd.gz`);
    expect((await got('busy')).equals(initrd)).toBe(true);
    await writeFile(join(directory, 'busy'), initrd.subarray(0, 1_000_000));
    await tool(context, 'busybox', 'busybox', 'wget', '-q', '-c', '-O', 'busy', `${base}/initrd.gz`);
    expect((await got('busy')).equals(initrd)).toBe(true);
    const { stdout } = await tool(
      context,
      'busybox',
      'busybox',
      'wget',
      '-q',
      '-O',
      '-',
      `${base}/unattended/iPXE`,
    );
    expect(stdout).toBe(SCRIPT);
  });
});

describe('HTTP/1.0', () => {
  it.each([
    ['lpxelinux.0', 'Host: 127.0.0.1\r\nUser-Agent: Syslinux/6.04\r\nConnection: close\r\n', 'syslinux'],
    ['a client that says nothing of itself', '', 'other'],
  ])('gets a file with its length, and the end: %s', async (_who, headers, agent) => {
    const { status, head, body } = split(await raw(`GET /initrd.gz HTTP/1.0\r\n${headers}\r\n`));
    expect(status).toBe('HTTP/1.1 200 OK');
    expect(head).toContain(`content-length: ${initrd.length}`);
    expect(head).not.toContain('transfer-encoding');
    expect(body.equals(initrd)).toBe(true);
    expect(asked).toEqual([`GET /initrd.gz ${agent}`]);
  });

  it('gets a plain 404, after which PXELINUX tries the next name', async () => {
    const { status, body } = split(await raw('GET /pxelinux.cfg/default HTTP/1.0\r\n\r\n'));
    expect(status).toBe('HTTP/1.1 404 Not Found');
    expect(body.toString()).toMatch(/^FILE_NOT_FOUND/);
  });

  it('may keep its connection', async () => {
    const keep = 'GET /unattended/iPXE HTTP/1.0\r\nConnection: keep-alive\r\n\r\n';
    const last = 'GET /unattended/iPXE HTTP/1.0\r\n\r\n';
    expect((await raw(keep, last)).toString().match(/echo Grüße/g)).toHaveLength(2);
  });
});

describe('UEFI HTTP boot', () => {
  it('asks for the length, then for the file, over one connection', async () => {
    const say = (method: string, more: string) =>
      `${method} /initrd.gz HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\nUser-Agent: UefiHttpBoot/1.0\r\n${more}\r\n`;
    const both = await raw(say('HEAD', ''), say('GET', 'Connection: close\r\n'));
    const head = split(both);
    const { head: second, body } = split(head.body);
    for (const each of [head.head, second]) expect(each).toContain(`content-length: ${initrd.length}`);
    expect(body.equals(initrd)).toBe(true);
    expect(asked).toEqual(['HEAD /initrd.gz uefi-http', 'GET /initrd.gz uefi-http']);
  });

  it('learns the length of what is rendered, in bytes', async () => {
    const { head, body } = split(
      await raw('HEAD /unattended/iPXE HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'),
    );
    expect(head).toContain(`content-length: ${Buffer.byteLength(SCRIPT)}`);
    expect(body).toHaveLength(0);
  });
});

describe('HTTP/1.1', () => {
  it('needs no Host', async () => {
    const { status, body } = split(await raw('GET /unattended/iPXE HTTP/1.1\r\nConnection: close\r\n\r\n'));
    expect([status, body.toString()]).toEqual(['HTTP/1.1 200 OK', SCRIPT]);
  });

  it('gets script, kernel and initrd over one connection', async (context) => {
    const urls = Array.from({ length: 3 }, () => [`${base}/unattended/iPXE`, '-o', '/dev/null']).flat();
    const { stdout } = await tool(context, 'curl', 'curl', '-s', '-w', '%{num_connects} ', ...urls);
    expect(stdout.trim()).toBe('1 0 0');
  });

  it('gets the rest of what is rendered, as GRUB asks for it after it skipped something', async () => {
    const range = (value: string, more = '') =>
      raw(
        `GET /httpboot/grub/grub.cfg HTTP/1.1\r\nHost: a\r\nRange: ${value}\r\n${more}Connection: close\r\n\r\n`,
      ).then(split);
    const rest = await range('bytes=4-');
    expect([rest.status, rest.body.toString()]).toEqual(['HTTP/1.1 206 Partial Content', '456789']);
    expect(rest.head).toContain('content-range: bytes 4-9/10');
    expect((await range('bytes=10-')).status).toBe('HTTP/1.1 416 Range Not Satisfiable');
    expect((await range('bytes=0-1,4-5')).body.toString()).toBe('0123456789');
    // A part of a copy: what is rendered has no copies.
    expect((await range('bytes=4-', 'If-Range: "x"\r\n')).body.toString()).toBe('0123456789');
  });
});
