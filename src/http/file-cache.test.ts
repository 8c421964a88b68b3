import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChainbootError } from '../errors.ts';
import { FileCache, type Held } from './file-cache.ts';
import type { FileIo, FileState } from './file-io.ts';
import { streamFile } from './file-stream.ts';

const MIB = 1024 * 1024;

function stateOf(path: string, size: number, changed = 1n): FileState {
  return { path, inode: BigInt(path.length), size, changed };
}

/** Files whose bytes are their offsets modulo 251. `now` is what the disk says of a file while it is read. */
function fakeDisk(now: (path: string) => FileState | undefined, gate: () => Promise<void> = async () => {}) {
  const counts = { opens: 0, reads: 0, closes: 0 };
  const current = (path: string): FileState => {
    const state = now(path);
    if (state === undefined) throw new ChainbootError('FILE_NOT_FOUND', { name: path });
    return state;
  };
  const io: FileIo = {
    state: async (path) => current(path),
    open: async (path) => {
      counts.opens++;
      current(path);
      return {
        read: async (into, at) => {
          counts.reads++;
          await gate();
          const length = Math.max(0, Math.min(into.length, current(path).size - at));
          for (let i = 0; i < length; i++) into[i] = (at + i) % 251;
          return length;
        },
        state: async () => current(path),
        close: async () => void counts.closes++,
      };
    },
  };
  return { io, counts };
}

const expected = (size: number) => Buffer.from(Uint8Array.from({ length: size }, (_, i) => i % 251));

async function readAll(held: Held, max: number, start = 0, end = held.size): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let at = start; at < end; ) {
    const piece = Buffer.from(await held.piece(at, Math.min(max, end - at)));
    if (piece.length === 0) throw new Error('an empty piece');
    pieces.push(piece);
    at += piece.length;
  }
  return Buffer.concat(pieces);
}

describe('FileCache', () => {
  it('reads the disk once for 64 who ask at the same time', async () => {
    const state = stateOf('initrd', 3 * MIB + 17);
    const { io, counts } = fakeDisk(() => state);
    const cache = new FileCache({ io });
    const all = await Promise.all(
      Array.from({ length: 64 }, async () => {
        const held = cache.hold(state)!;
        const bytes = await readAll(held, 500_000);
        held.release();
        return bytes;
      }),
    );
    const wanted = expected(state.size);
    expect(all.every((bytes) => bytes.equals(wanted))).toBe(true);
    expect(counts).toEqual({ opens: 1, reads: 4, closes: 1 });
    expect(cache.stats).toMatchObject({ loads: 1, hits: 63, files: 1 });
  });

  it('gives what is loaded while the rest still is', async () => {
    const state = stateOf('initrd', 3 * MIB);
    const gates: (() => void)[] = [];
    const { io } = fakeDisk(
      () => state,
      () => new Promise((resolve) => gates.push(resolve)),
    );
    const held = new FileCache({ io }).hold(state)!;
    const first = held.piece(0, 10 * MIB);
    await new Promise(setImmediate);
    gates.shift()!();
    expect((await first).length).toBe(MIB);
    held.release();
  });

  it('keeps the newest state apart from the one before', async () => {
    let now = stateOf('linux', 100, 1n);
    const { io, counts } = fakeDisk(() => now);
    const cache = new FileCache({ io });
    await readAll(cache.hold(now)!, 100);
    now = stateOf('linux', 120, 2n);
    expect((await readAll(cache.hold(now)!, 500)).length).toBe(120);
    expect(counts.opens).toBe(2);
  });

  it.each([
    ['shrank', stateOf('linux', 50)],
    ['was rewritten', stateOf('linux', 100, 9n)],
    ['is gone', undefined],
  ])('refuses to give a whole file that %s while it was read', async (_what, later) => {
    const state = stateOf('linux', 100);
    const { io } = fakeDisk(() => later);
    const cache = new FileCache({ io });
    const held = cache.hold(state)!;
    await expect(readAll(held, 100)).rejects.toBeInstanceOf(ChainbootError);
    held.release();
    expect(cache.stats).toMatchObject({ files: 0, bytes: 0 });
  });

  it('refuses what is too large, and what finds no room because the rest is in use', async () => {
    const { io } = fakeDisk((path) => stateOf(path, 40_000));
    const cache = new FileCache({ io, budget: 100_000 });
    expect(cache.hold(stateOf('huge', 50_001))).toBeUndefined();
    const a = cache.hold(stateOf('a', 40_000))!;
    const b = cache.hold(stateOf('bb', 40_000))!;
    await Promise.all([readAll(a, MIB), readAll(b, MIB)]);
    expect(cache.hold(stateOf('ccc', 40_000))).toBeUndefined();
    a.release();
    expect(cache.hold(stateOf('ccc', 40_000))).toBeDefined();
    expect(cache.stats).toMatchObject({ files: 2, evictions: 1 });
    b.release();
  });

  it('evicts the file unused for longest', async () => {
    const { io, counts } = fakeDisk((path) => stateOf(path, 40_000));
    const cache = new FileCache({ io, budget: 100_000 });
    const use = async (path: string) => {
      const held = cache.hold(stateOf(path, 40_000))!;
      await readAll(held, MIB);
      await new Promise(setImmediate);
      held.release();
    };
    for (const path of ['a', 'bb', 'a', 'ccc', 'a']) await use(path);
    expect(counts.opens).toBe(3);
  });

  it('never holds more than its budget, whatever is asked and however long it is held', async () => {
    const step = fc.record({ file: fc.nat(9), release: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const sizeOf = (path: string) => 1 + path.length * 9_000;
        const { io } = fakeDisk((path) => stateOf(path, sizeOf(path)));
        const cache = new FileCache({ io, budget: 150_000, largest: 100_000 });
        const held: Held[] = [];
        for (const { file, release } of steps) {
          const path = 'x'.repeat(file + 1);
          const got = cache.hold(stateOf(path, sizeOf(path)));
          if (got !== undefined) held.push(got);
          expect(cache.stats.bytes).toBeLessThanOrEqual(150_000);
          if (release) held.pop()?.release();
          if (file % 3 === 0) await new Promise(setImmediate);
        }
        for (const one of held) one.release();
        await new Promise(setImmediate);
        expect(cache.stats.bytes).toBeLessThanOrEqual(150_000);
      }),
      { numRuns: 50 },
    );
  });
});

describe('streamFile', () => {
  it('gives every byte once, in pieces no larger than its block', async () => {
    const state = stateOf('squashfs', 1_000_003);
    const { io, counts } = fakeDisk(() => state);
    const held = await streamFile(io, state, 'squashfs', 65_536);
    expect((await readAll(held, MIB)).equals(expected(state.size))).toBe(true);
    held.release();
    await new Promise(setImmediate);
    expect(counts).toMatchObject({ opens: 1, closes: 1, reads: Math.ceil(state.size / 65_536) });
  });

  it('reads no further than the end that was asked', async () => {
    const state = stateOf('iso', 1_000_000);
    const { io, counts } = fakeDisk(() => state);
    const held = await streamFile(io, state, 'iso', 65_536, 200_000);
    const part = await readAll(held, MIB, 150_000, 200_000);
    expect(part.equals(expected(200_000).subarray(150_000))).toBe(true);
    expect(counts.reads).toBe(1);
    held.release();
  });

  it.each([
    ['shrinks', stateOf('iso', 120_000)],
    ['is rewritten', stateOf('iso', 200_000, 2n)],
  ])('breaks off when the file %s, before the last byte', async (_what, later) => {
    let now = stateOf('iso', 200_000);
    const { io, counts } = fakeDisk(() => now);
    const held = await streamFile(io, now, 'iso', 65_536);
    await held.piece(0, MIB);
    now = later;
    await expect(readAll(held, MIB, 65_536)).rejects.toMatchObject({ code: 'FILE_CHANGED' });
    held.release();
    await new Promise(setImmediate);
    expect(counts.closes).toBe(1);
  });
});
