/** TLS on real sockets: what is shown to whom, and handshakes that come to nothing. */

import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type RequestOptions, request } from 'node:https';
import { connect as connectTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ConnectionOptions, connect, type DetailedPeerCertificate } from 'node:tls';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type KeyPair, makeRoot, makeServerCertificate } from '../certificate/authority.ts';
import { certificateRoutes } from './certificate.ts';
import { FileCache } from './file-cache.ts';
import type { TlsIdentity, TlsTrouble } from './secure.ts';
import { BootHttpServer, type HttpLimits } from './server.ts';

const LARGE = Buffer.alloc(9_000_000, 'root file system ');

let directory: string;
let root: KeyPair;
let identity: TlsIdentity;
let server: BootHttpServer;
let port: number;
const troubles: TlsTrouble[] = [];
const logged: string[] = [];

async function identityFor(...names: string[]): Promise<TlsIdentity> {
  const { key, certificate } = await makeServerCertificate(root, names, Date.now());
  return { key, chain: certificate + root.certificate };
}

async function started(limits: Partial<HttpLimits> = {}): Promise<BootHttpServer> {
  const made = new BootHttpServer({
    routes: [
      ...certificateRoutes(() => root.certificate),
      {
        methods: ['GET', 'HEAD'],
        pattern: '/rootfs',
        handle: async () => ({ kind: 'file', path: join(directory, 'rootfs'), name: 'rootfs' }),
      },
      {
        methods: ['GET'],
        pattern: '/who',
        handle: async ({ url, remote }) => ({
          kind: 'text',
          status: 200,
          text: JSON.stringify({ url, remote }),
        }),
      },
    ],
    cache: new FileCache({ budget: 4_000_000 }),
    log: (_level, message) => logged.push(message),
    now: Date.now,
    limits,
    identity,
    onTlsTrouble: (trouble) => troubles.push(trouble),
  });
  await made.start([
    { address: '127.0.0.1', port: 0, link: 'lo' },
    { address: '127.0.0.1', port: 0, link: 'lo', secure: true },
  ]);
  return made;
}

const securePort = (of: BootHttpServer) => of.addresses.find(({ secure }) => secure)!.port;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chainboot-secure-'));
  await writeFile(join(directory, 'rootfs'), LARGE);
  root = await makeRoot('root', Date.now());
  identity = await identityFor('127.0.0.1');
  server = await started();
  port = securePort(server);
});
beforeEach(() => {
  troubles.length = 0;
  logged.length = 0;
});
afterAll(async () => {
  await server.close(0);
  await rm(directory, { recursive: true });
});

function get(path: string, options: RequestOptions = {}): Promise<{ status: number; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, path, ca: root.certificate, agent: false, ...options },
      (answer) => {
        const pieces: Buffer[] = [];
        answer.on('data', (piece) => pieces.push(piece));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(pieces) }));
      },
    );
    sent.on('error', reject).end();
  });
}

async function troubleAfter(what: () => Promise<unknown> | unknown, on = port): Promise<TlsTrouble> {
  await what();
  await vi.waitFor(() => expect(troubles).not.toEqual([]), { timeout: 60_000 });
  expect(troubles).toHaveLength(1);
  // Nobody else is harmed.
  expect((await get('/who', { port: on })).status).toBe(200);
  expect(troubles).toHaveLength(1);
  return troubles[0]!;
}

const tcp = (on = port): Promise<Socket> =>
  new Promise((resolve) => {
    const socket = connectTcp(on, '127.0.0.1', () => resolve(socket));
    socket.on('error', () => {});
  });

const closed = (socket: Socket) => new Promise((resolve) => socket.resume().once('close', resolve));

describe('over TLS', () => {
  it('the same is served as without, and URLs lead back by TLS', async () => {
    const { body } = await get('/who');
    expect(JSON.parse(body.toString())).toMatchObject({
      url: `https://127.0.0.1:${port}/who`,
      remote: { address: '127.0.0.1', link: 'lo', secure: true },
    });
    const plain = await fetch(`http://127.0.0.1:${server.addresses[0]!.port}/who`);
    const told = (await plain.json()) as { url: string; remote: object };
    expect(told.url).toMatch(/^http:/);
    expect(told.remote).not.toHaveProperty('secure');
  });

  it.each([
    ['TLS 1.3', { minVersion: 'TLSv1.3' }],
    ['TLS 1.2', { maxVersion: 'TLSv1.2' }],
    ['RSA key exchange, as of OVMF', { maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA256' }],
    ['finite fields', { maxVersion: 'TLSv1.2', ciphers: 'DHE-RSA-AES256-SHA256' }],
  ] as const)('a file comes whole with %s', async (_what, options) => {
    const { status, body } = await get('/rootfs', options);
    expect([status, body.equals(LARGE)]).toEqual([200, true]);
    const part = await get('/rootfs', { ...options, headers: { Range: 'bytes=10-19,-5' } });
    expect([part.status, part.body.includes(LARGE.subarray(10, 20))]).toEqual([206, true]);
  });

  it('the whole chain is sent, with its root', async () => {
    const options: ConnectionOptions = { host: '127.0.0.1', port, ca: root.certificate };
    const peer = await new Promise<DetailedPeerCertificate>((resolve) => {
      const socket = connect({ ...options, rejectUnauthorized: false }, () => {
        resolve(socket.getPeerCertificate(true));
        socket.destroy();
      });
    });
    // From what was sent: the client's own store is not asked for the issuer.
    expect(peer.issuerCertificate.subject.CN).toBe('root');
    expect(peer.issuerCertificate.issuerCertificate).toBe(peer.issuerCertificate);
  });

  it('the root can be had in both forms', async () => {
    expect((await get('/pub/ca.crt')).body.toString()).toBe(root.certificate);
    const der = (await get('/pub/ca.der')).body;
    expect(der.equals(Buffer.from(root.certificate.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64'))).toBe(
      true,
    );
  });

  it('a new certificate is shown from the next connection on', async () => {
    const other = await started();
    const on = securePort(other);
    const wrong = { port: on, servername: 'boot.example', headers: { Host: 'boot.example' } };
    await expect(get('/who', wrong)).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    other.setIdentity(await identityFor('127.0.0.1', 'boot.example'));
    expect((await get('/who', wrong)).status).toBe(200);
    await other.close(0);
  });
});

describe('a handshake that fails is told with what to do', () => {
  it('because the client leaves over the root without a word, as firmware does', async () => {
    const refused = () =>
      expect(get('/who', { ca: readFileSync(new URL(import.meta.url)), port })).rejects.toThrow();
    expect(await troubleAfter(refused)).toMatchObject({
      error: { code: 'TLS_BROKEN_OFF' },
      address: '127.0.0.1',
      link: 'lo',
    });
  });

  it('because the name is another', async () => {
    const { error } = await troubleAfter(() =>
      expect(get('/who', { servername: 'other.example', maxVersion: 'TLSv1.2' })).rejects.toThrow(),
    );
    // Node looks at names when the handshake is over, which the server of TLS 1.2 ends.
    expect(error.code).toBe('TLS_LEFT');
  });

  it.each([
    ['old', { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }],
    ['of other ciphers', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' }],
  ] as const)('because the client is %s', async (_what, options) => {
    const { error } = await troubleAfter(() => expect(get('/who', options)).rejects.toThrow());
    expect(error.code).toBe('TLS_NOTHING_IN_COMMON');
  });

  it.each([
    ['plain HTTP', 'GET / HTTP/1.0\r\n\r\n', 'TLS_PLAIN_HTTP'],
    ['rubbish', '\x16\x03\x01\xff\xffrubbish rubbish', 'TLS_MALFORMED'],
  ])('because it is %s', async (_what, bytes, code) => {
    const { error } = await troubleAfter(async () => {
      const socket = await tcp();
      socket.write(bytes, 'latin1');
      await closed(socket);
    });
    expect(error.code).toBe(code);
  });

  it('because the client leaves in the middle of its hello', async () => {
    const { error, address } = await troubleAfter(async () => {
      const socket = await tcp();
      socket.write('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 'latin1');
      setTimeout(() => socket.resetAndDestroy(), 30);
    });
    expect([error.code, address]).toEqual(['TLS_BROKEN_OFF', '127.0.0.1']);
  });

  it('but not one that only looks whether the port is open', async () => {
    (await tcp()).destroy();
    (await tcp()).resetAndDestroy();
    await sleep(50);
    expect((await get('/who')).status).toBe(200);
    expect([troubles, logged]).toEqual([[], []]);
  });

  it('because the client says nothing', async () => {
    const quick = await started({ headTimeout: 150 });
    const on = securePort(quick);
    const { error } = await troubleAfter(async () => closed(await tcp(on)), on);
    expect(error.code).toBe('TLS_SILENT');
    expect(logged).toEqual(['a machine gets no further than TLS: TLS_SILENT']);
    await quick.close(0);
  });

  it('and none keeps the server from closing', async () => {
    const closing = await started();
    const socket = await tcp(securePort(closing));
    const before = performance.now();
    await closing.close(5000);
    expect(performance.now() - before).toBeLessThan(5_000);
    expect(troubles).toEqual([]);
    socket.destroy();
  });
});
