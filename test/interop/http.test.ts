/** curl against the boot plane: whole, ranged and resumed downloads, HEAD, time conditions, clients that leave. */

import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Content } from '../../src/boot/files.ts';
import { because } from '../../src/boot/reason.ts';
import type { Step } from '../../src/boot/step.ts';
import { bootFileRoutes } from '../../src/http/boot-files.ts';
import { FileCache } from '../../src/http/file-cache.ts';
import { BootHttpServer } from '../../src/http/server.ts';
import { fileBelow } from '../../src/media/file-below.ts';

const run = promisify(execFile);
const BUDGET = 8_000_000;

function hasCurl(): boolean {
  try {
    execFileSync('curl', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const small = randomBytes(1_000_003);
const large = randomBytes(20_000_000);
let directory: string;
let server: BootHttpServer;
let base: string;
const steps: Step[] = [];

async function content(_medium: string, name: string): Promise<Content> {
  const path = await fileBelow(join(directory, 'media'), name, 'inside');
  if (path !== undefined) return { kind: 'file', path, because: because('boot-file', { name, medium: 'd' }) };
  return { kind: 'error', code: 'FILE_NOT_FOUND', values: { name }, because: because('refused') };
}

/** Prints status and size after the body, which goes to a file unless told otherwise. */
async function curl(
  path: string,
  ...options: string[]
): Promise<{ status: number; body: Buffer; code: number }> {
  const output = join(directory, 'download');
  const report = ['-s', '-w', '%{http_code}', '--max-time', '20'];
  const where = options.includes('-o') ? [] : ['-o', output];
  const result = await run('curl', [...report, ...where, ...options, `${base}${path}`]).then(
    ({ stdout }) => ({ stdout, code: 0 }),
    (error: { stdout: string; code: number }) => error,
  );
  const body = await readFile(output).catch(() => Buffer.alloc(0));
  await rm(output, { force: true });
  return { status: Number(result.stdout.slice(-3)), body, code: result.code };
}

/** multipart/byteranges taken apart by the first line, which is its boundary. */
function partsOf(bytes: Buffer): readonly { readonly head: string; readonly body: Buffer }[] {
  const text = bytes.toString('latin1');
  const boundary = text.slice(0, text.indexOf('\r\n'));
  expect(text.endsWith(`\r\n${boundary}--\r\n`)).toBe(true);
  return text
    .split(boundary)
    .slice(1, -1)
    .map((part) => {
      const end = part.indexOf('\r\n\r\n') + 4;
      return { head: part.slice(0, end), body: Buffer.from(part.slice(end, -2), 'latin1') };
    });
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chainboot-curl-'));
  await mkdir(join(directory, 'media/sub'), { recursive: true });
  await writeFile(join(directory, 'media/linux'), small);
  await writeFile(join(directory, 'media/sub/rootfs.squashfs'), large);
  await writeFile(join(directory, 'secret'), 'secret');
  await symlink('../secret', join(directory, 'media/escape'));
  await symlink('sub', join(directory, 'media/alias'));
  server = new BootHttpServer({
    routes: bootFileRoutes({
      loader: (name) => content('', name),
      medium: content,
      record: (step) => steps.push(step),
      now: Date.now,
    }),
    cache: new FileCache({ budget: BUDGET }),
    log: () => {},
    now: Date.now,
  });
  await server.start([{ address: '127.0.0.1', port: 0 }]);
  base = `http://127.0.0.1:${server.addresses[0]!.port}/media/d`;
});

beforeEach((ctx) => {
  steps.length = 0;
  if (!hasCurl()) ctx.skip('curl (Debian package curl)');
});

afterAll(async () => {
  await server.close(0);
  await rm(directory, { recursive: true });
});

describe.each([
  ['from the cache', '/linux', small],
  ['streamed', '/alias/rootfs.squashfs', large],
])('curl, a file %s', (_how, path, wanted) => {
  it('downloads the whole', async () => {
    const { status, body } = await curl(path);
    expect([status, body.equals(wanted)]).toEqual([200, true]);
    await vi.waitFor(() => expect(steps.length).toBe(1));
    expect(steps[0]).toMatchObject({ kind: 'http.file', bytes: wanted.length, what: `/media/d${path}` });
  });

  it.each([
    ['0-0', (file: Buffer) => file.subarray(0, 1)],
    ['500000-', (file: Buffer) => file.subarray(500_000)],
    ['-77', (file: Buffer) => file.subarray(-77)],
    ['100-999999999999', (file: Buffer) => file.subarray(100)],
  ])('downloads the range %s', async (range, part) => {
    const { status, body } = await curl(path, '-r', range);
    expect([status, body.equals(part(wanted))]).toEqual([206, true]);
  });

  it('downloads several ranges, each with its place', async () => {
    const { status, body } = await curl(path, '-r', '0-1,700000-700999,-77');
    const { length } = wanted;
    const parts = partsOf(body);
    expect([status, parts.length]).toEqual([206, 3]);
    for (const [index, [start, end]] of [
      [0, 2],
      [700_000, 701_000],
      [length - 77, length],
    ].entries()) {
      expect(parts[index]!.head).toContain(`Content-Range: bytes ${start}-${end! - 1}/${length}\r\n`);
      expect(parts[index]!.body.equals(wanted.subarray(start, end))).toBe(true);
    }
  });

  it('downloads what several ranges cover together as one', async () => {
    const { status, body } = await curl(path, '-r', '500-999,0-499');
    expect([status, body.equals(wanted.subarray(0, 1000))]).toEqual([206, true]);
  });

  it('goes on where it was interrupted', async () => {
    const partial = join(directory, 'partial');
    await writeFile(partial, wanted.subarray(0, 600_001));
    const { status } = await curl(path, '-C', '-', '-o', partial);
    expect(status).toBe(206);
    expect((await readFile(partial)).equals(wanted)).toBe(true);
  });

  it('learns the size by HEAD', async () => {
    const { stdout } = await run('curl', ['-sI', `${base}${path}`]);
    expect(stdout).toMatch(new RegExp(`^HTTP/1.1 200 OK[^]*content-length: ${wanted.length}\r\n`, 'i'));
  });

  it('leaves a file alone that has not changed since', async () => {
    const copy = join(directory, 'copy');
    await curl(path, '-o', copy, '-R');
    expect((await curl(path, '-z', copy)).status).toBe(304);
  });
});

describe('curl', () => {
  it('leaves in the middle, and the trace says so', async () => {
    const { code } = await curl('/sub/rootfs.squashfs', '--limit-rate', '100k', '--max-time', '0.5');
    expect(code).toBe(28);
    await vi.waitFor(() => expect(steps).toMatchObject([{ detail: { aborted: true, size: large.length } }]));
  });

  it('resumes nothing beyond the end', async () => {
    expect((await curl('/linux', '-r', '1000003-')).status).toBe(416);
  });

  it.each(['/escape', '/sub', '/sub/', '/missing', '/linux/x', '/a%5c..%5csecret'])(
    'gets no %s',
    async (path) => {
      const { status, body } = await curl(path);
      expect(status).toBe(404);
      expect(body.toString()).toMatch(/^FILE_NOT_FOUND: /);
      await vi.waitFor(() => expect(steps).toMatchObject([{ kind: 'http.error' }]));
    },
  );

  it.each(['/../../secret', '/sub/%2e%2e/%2e%2e/secret', '/..%2fsecret'])(
    'cannot climb with %s',
    async (path) => {
      const { status, body } = await curl(path, '--path-as-is');
      expect([400, 404]).toContain(status);
      expect(body.toString()).not.toContain('secret\n');
      expect(body.equals(Buffer.from('secret'))).toBe(false);
    },
  );

  it('64 at once get the same bytes', async () => {
    const urls = Array.from({ length: 64 }, (_, index) => [
      '-o',
      join(directory, `p${index}`),
      `${base}/linux`,
    ]);
    await run('curl', ['-s', '--parallel', '--parallel-immediate', '--parallel-max', '64', ...urls.flat()]);
    for (let index = 0; index < 64; index++) {
      expect((await readFile(join(directory, `p${index}`))).equals(small)).toBe(true);
    }
  });
});
