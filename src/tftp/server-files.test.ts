import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeFile, FileImages, type Source } from './server-files.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chainboot-tftp-'));
});

afterEach(() => rm(directory, { recursive: true }));

const ROOMY = { cacheBytes: 100_000, cacheFileBytes: 50_000 };

async function write(name: string, length: number, byte = 1): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, new Uint8Array(length).fill(byte));
  return path;
}

async function open(images: FileImages, path: string, blksize = 512, netascii = false): Promise<Source> {
  return images.open(await describeFile(path, 'name'), blksize, netascii);
}

/** In memory, packets come at once. */
function isShared(source: Source): boolean {
  return source.packets(1, 1) instanceof Uint8Array;
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
    const memory = async (source: Source) => (await source.packets(1, 1)).buffer;
    expect(await memory(one)).toBe(await memory(two));
    expect(await memory(one)).not.toBe(await memory(other));
  });

  it('are read anew when they changed', async () => {
    const path = await write('a', 600, 1);
    const images = new FileImages(ROOMY);
    const before = await open(images, path);
    await write('a', 600, 2);
    await utimes(path, 5, 5);
    const after = await open(images, path);
    expect((await before.packets(1, 1)).at(-1)).toBe(1);
    expect((await after.packets(1, 1)).at(-1)).toBe(2);
  });

  it('leave memory for others when nobody uses them, and only then', async () => {
    const images = new FileImages({ cacheBytes: 50_000, cacheFileBytes: 50_000 });
    const [a, b] = [await write('a', 40_000), await write('b', 40_000)];
    const first = await open(images, a);
    const streamed = await open(images, b);
    expect([isShared(first), isShared(streamed)]).toEqual([true, false]);
    await streamed.packets(1, 1);
    streamed.close();
    first.close();
    first.close();
    const second = await open(images, b);
    expect(isShared(second)).toBe(true);
    const third = await open(images, a);
    expect(isShared(third)).toBe(false);
    third.close();
  });

  it('are streamed when they are big', async () => {
    const images = new FileImages(ROOMY);
    const source = await open(images, await write('big', 300_000), 1000);
    const read = [await source.packets(1, 16), await source.packets(17, 16), await source.packets(301, 1)];
    expect(read.map((packets) => packets.length)).toEqual([16 * 1004, 16 * 1004, 4]);
    source.close();
    source.close();
  });

  it('that cannot be loaded are not remembered as such', async () => {
    const images = new FileImages(ROOMY);
    const path = await write('a', 100);
    const facts = await describeFile(path, 'name');
    await rm(path);
    await expect(images.open(facts, 512, false)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    await write('a', 100);
    expect((await images.open(facts, 512, false)).size).toBe(100);
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
