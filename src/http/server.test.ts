import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChainbootError } from '../errors.ts';
import type { Outcome, Route } from './answer.ts';
import { FileCache } from './file-cache.ts';
import { BootHttpServer } from './server.ts';

let directory: string;
let server: BootHttpServer;
let base: string;
const outcomes: Outcome[] = [];
const logged: object[] = [];

const routes: readonly Route[] = [
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
];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chainboot-http-'));
  await writeFile(join(directory, 'linux'), Buffer.alloc(3_000_000, 'kernel'));
  server = new BootHttpServer({
    routes,
    cache: new FileCache(),
    log: { warn: (fields) => logged.push(fields), error: (fields) => logged.push(fields) },
    now: Date.now,
  });
  await server.start([{ address: '127.0.0.1', port: 0 }]);
  base = `http://127.0.0.1:${server.addresses[0]!.port}`;
});

afterAll(async () => {
  await server.close(0);
  await rm(directory, { recursive: true });
});

describe('BootHttpServer', () => {
  it('sends a file whole and tells the handler once', async () => {
    const answer = await fetch(`${base}/file/linux`);
    const body = Buffer.from(await answer.arrayBuffer());
    expect(answer.status).toBe(200);
    expect(body.equals(Buffer.alloc(3_000_000, 'kernel'))).toBe(true);
    expect(outcomes.splice(0)).toMatchObject([
      { status: 200, bytes: 3_000_000, size: 3_000_000, aborted: false },
    ]);
  });

  it('answers an unknown path with 404 and the code', async () => {
    const answer = await fetch(`${base}/autoexec.ipxe`, { headers: { 'User-Agent': 'iPXE/1.0.0' } });
    expect(answer.status).toBe(404);
    expect(answer.headers.get('x-chainboot-error')).toBe('FILE_NOT_FOUND');
  });

  it('reads a body', async () => {
    const answer = await fetch(`${base}/echo`, { method: 'POST', body: 'hello' });
    expect([answer.status, await answer.text()]).toEqual([201, 'hello']);
    const large = await fetch(`${base}/echo`, { method: 'POST', body: 'x'.repeat(101) });
    expect([large.status, large.headers.get('x-chainboot-error')]).toEqual([413, 'REQUEST_TOO_LARGE']);
  });

  it('gives an iPXE a script that runs, everyone else the status', async () => {
    const script = await fetch(`${base}/script/iPXE?mac=1`, { headers: { 'User-Agent': 'iPXE/1.0.0' } });
    expect(script.status).toBe(200);
    const text = await script.text();
    expect(text).toMatch(/^#!ipxe\n/);
    expect(text).toContain('HOST_UNKNOWN');
    expect(text).toContain(`chain --replace --autofree ${base}/script/iPXE?mac=1 `);
    const plain = await fetch(`${base}/script/iPXE`);
    expect(plain.status).toBe(404);
  });
});
