import { mkdtemp, rename, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeFile, FileImages, type Source } from './server-files.ts';

let directory: string;
const opened: Source[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chainboot-tftp-'));
});

afterEach(async () => {
  for (const source of opened.splice(0)) source.close();
  await rm(directory, { recursive: true });
});

const ROOMY = { cacheBytes: 1_000_000, netasciiBytes: 50_000 };

async function write(name: string, length: number, byte = 1): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, new Uint8Array(length).fill(byte));
  return path;
}

async function open(images: FileImages, path: string, blksize = 512, netascii = false): Promise<Source> {
  const source = await images.open(await describeFile(path, 'name'), blksize, netascii);
  opened.push(source);
  return source;
}

/** In memory, packets come at once. */
function isReady(source: Source, block: number): boolean {
  return !(source.packets(block, 1) instanceof Promise);
}

async function first(source: Source): Promise<Uint8Array> {
  return (await source.packets(1, 1))[0]!;
}

/** The bytes of the file, as a client puts them together. */
async function content(source: Source, blksize: number, windowsize: number): Promise<Buffer> {
  const last = Math.floor(source.size / blksize) + 1;
  const blocks: Uint8Array[] = [];
  for (let block = 1; block <= last; block += windowsize) {
    const packets = Buffer.concat(await source.packets(block, Math.min(windowsize, last - block + 1)));
    for (let at = 0; at < packets.length; at += 4 + blksize) {
      expect(packets.readUInt16BE(at)).toBe(3);
      expect(packets.readUInt16BE(at + 2)).toBe((blocks.length + 1) & 0xffff);
      blocks.push(packets.subarray(at + 4, at + 4 + blksize));
    }
  }
  expect(blocks).toHaveLength(last);
  return Buffer.concat(blocks);
}

describe('files for TFTP', () => {
  it('are read once for clients that come together, and per block size', async () => {
    const path = await write('a', 3000);
    const images = new FileImages(ROOMY);
    const [one, two, other] = await Promise.all([
      open(images, path),
      open(images, path),
      open(images, path, 1408),
    ]);
    expect((await first(one)).buffer).toBe((await first(two)).buffer);
    expect((await first(one)).buffer).not.toBe((await first(other)).buffer);
  });

  it('are read anew when they changed', async () => {
    const path = await write('a', 600, 1);
    const images = new FileImages(ROOMY);
    const before = await open(images, path);
    await write('a', 600, 2);
    await utimes(path, 5, 5);
    const after = await open(images, path);
    expect((await first(before)).at(-1)).toBe(1);
    expect((await first(after)).at(-1)).toBe(2);
  });

  it.each([
    [0, 512, 1],
    [1408 * 93, 1408, 16],
    [1408 * 93 * 3 + 1, 1408, 64],
    [700_001, 1468, 64],
    [300_000, 8, 64],
    [400_000, 65_464, 2],
    [600_000, 512, 7],
  ])(
    'of %i bytes are whole in blocks of %i and windows of %i, kept or not',
    async (size, blksize, windowsize) => {
      const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8)) & 255);
      const path = join(directory, 'file');
      await writeFile(path, bytes);
      for (const cacheBytes of [4_000_000, 200_000, 0]) {
        const source = await open(new FileImages({ ...ROOMY, cacheBytes }), path, blksize);
        expect((await content(source, blksize, windowsize)).equals(bytes)).toBe(true);
        source.close();
      }
    },
  );

  it('are loaded a piece ahead of need', async () => {
    const source = await open(new FileImages(ROOMY), await write('big', 600_000), 1024);
    expect([isReady(source, 1), isReady(source, 128)]).toEqual([true, true]);
    await source.packets(129, 1);
    await expect.poll(() => isReady(source, 257)).toBe(true);
    source.close();
  });

  it('never take more memory than allowed', async () => {
    const images = new FileImages({ cacheBytes: 500_000, netasciiBytes: 0 });
    for (const name of ['a', 'b', 'c']) {
      const source = await open(images, await write(name, 700_000), 1024);
      await content(source, 1024, 16);
      expect(images.held).toBeLessThanOrEqual(500_000);
      source.close();
    }
    expect(images.held).toBeGreaterThan(250_000);
  });

  it('that cannot be loaded are not remembered as such', async () => {
    const images = new FileImages(ROOMY);
    const path = await write('a', 100);
    await rm(path);
    const gone = { name: 'name', path, size: 100, version: 'x' };
    await expect(images.open(gone, 512, false)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    await write('a', 100);
    const source = await open(images, path);
    expect(source.size).toBe(100);
    expect(images.held).toBe(104);
  });

  it('that change while they are read break off, those that are replaced do not', async () => {
    const images = new FileImages(ROOMY);
    const path = await write('big', 600_000, 1);
    const [shrinking, replaced] = [await open(images, path, 1024), await write('new', 600_000, 2)];
    await rename(replaced, path);
    expect((await content(shrinking, 1024, 16)).equals(Buffer.alloc(600_000, 1))).toBe(true);
    shrinking.close();
    const again = await open(images, path, 1024);
    await truncate(path, 1000);
    await expect(content(again, 1024, 16)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
    again.close();
  });

  it('are there for who comes while another leaves', async () => {
    const images = new FileImages(ROOMY);
    const path = await write('big', 600_000);
    for (let i = 0; i < 20; i++) {
      const leaving = await open(images, path, 1000 + i);
      void leaving.packets(200, 1);
      leaving.close();
      const staying = await open(images, path, 1000 + i);
      expect(await content(staying, 1000 + i, 16)).toHaveLength(600_000);
      staying.close();
    }
  });

  it('must be files, and text for netascii must be small', async () => {
    await expect(describeFile(directory, 'name')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    await expect(describeFile(join(directory, 'x/y'), 'name')).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
    });
    const images = new FileImages(ROOMY);
    const big = await write('big', 60_000);
    await expect(open(images, big, 512, true)).rejects.toMatchObject({ code: 'TFTP_NETASCII_TOO_LARGE' });
    const text = await open(images, await write('text', 700, 10), 512, true);
    expect(text.size).toBe(1400);
  });
});
