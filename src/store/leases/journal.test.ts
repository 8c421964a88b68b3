import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { Lease } from '../../boot/lease.ts';
import { formatMac } from '../../net/mac.ts';
import { HEADER } from './content.ts';
import { openLeaseJournal } from './journal.ts';
import { encodeRecord } from './record.ts';

const cleanup: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanup.splice(0).reverse()) await undo();
});

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'chainboot-leases-'));
  cleanup.push(() => rmSync(path, { recursive: true }));
  return path;
}

const lease = (n: number, expires = 1_790_000_000_000): Lease => ({
  ip: 0x0a000000 + n,
  mac: formatMac(Uint8Array.of(0x52, 0x54, 0, n >> 16, n >> 8, n)),
  expires,
  state: 'bound',
});

/** Writes number n to address n mod 1000 and prints n when its commit has resolved, until killed. */
const WRITER = `
  import { writeSync } from 'node:fs';
  const { openLeaseJournal } = await import(process.argv[1]);
  const journal = await openLeaseJournal(process.argv[2], () => {}, { garbage: 1500 });
  for (let n = 0; ; n++) {
    const lease = { ip: n % 1000, mac: '52:54:00:00:00:01', expires: n, state: 'bound' };
    journal.commit([lease]).then(() => writeSync(1, n + '\\n'));
    if (n % 16 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  }`;

/** The journal as JavaScript that a plain Node can run. */
function compiled(): string {
  const source = fileURLToPath(new URL('../..', import.meta.url));
  const output = directory();
  const options = '--ignoreConfig --module nodenext --target es2022 --types node --skipLibCheck';
  execFileSync(join(source, '../node_modules/.bin/tsc'), [
    ...options.split(' '),
    ...['--rewriteRelativeImportExtensions', '--rootDir', source, '--outDir', output],
    join(source, 'store/leases/journal.ts'),
  ]);
  writeFileSync(join(output, 'package.json'), '{ "type": "module" }');
  return join(output, 'store/leases/journal.js');
}

type Logged = { readonly message: string; readonly values: Readonly<Record<string, unknown>> };

async function open(file: string, garbage?: number) {
  const logged: Logged[] = [];
  const options = garbage === undefined ? {} : { garbage };
  const log = (_level: string, message: string, values = {}) => logged.push({ message, values });
  const journal = await openLeaseJournal(file, log, options);
  cleanup.push(() => journal.close());
  return { journal, logged };
}

async function loaded(file: string): Promise<readonly Lease[]> {
  const { journal } = await open(file);
  const leases = await journal.load();
  await journal.close();
  return leases;
}

describe('the journal file', () => {
  it('shares one write between the commits of a turn', async () => {
    const file = join(directory(), 'leases');
    const { journal } = await open(file);
    const commits = Array.from({ length: 50 }, (_, n) => journal.commit([lease(n)]));
    expect(new Set(commits).size).toBe(1);
    await Promise.all(commits);
    expect(readFileSync(file, 'latin1').split('\n').length).toBe(52);
  });

  it('gathers commits while the disk is busy and keeps their order', async () => {
    const file = join(directory(), 'leases');
    const { journal } = await open(file);
    const done: number[] = [];
    for (let n = 0; n < 200; n++) {
      void journal.commit([lease(1, n)]).then(() => done.push(n));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await journal.commit([lease(2)]);
    expect(done).toEqual(Array.from({ length: 200 }, (_, n) => n));
    expect(await loaded(file)).toEqual([lease(1, 199), lease(2)]);
  });

  it('is left as it is by opening and loading', async () => {
    const file = join(directory(), 'leases');
    writeFileSync(file, `${HEADER}${encodeRecord(lease(1))}{"ip":"10.0`);
    const before = readFileSync(file);
    expect(await loaded(file)).toEqual([lease(1)]);
    expect(readFileSync(file)).toEqual(before);
  });

  it('refuses a file that is something else, and does not touch it', async () => {
    const file = join(directory(), 'leases');
    writeFileSync(file, 'lease 192.0.2.1 { starts 4 2026/01/01 }\n'.repeat(20));
    await expect(open(file)).rejects.toMatchObject({ code: 'LEASES_UNREADABLE' });
    expect(statSync(file).size).toBe(800);
  });

  it('refuses a place where it cannot write', async () => {
    const place = join(directory(), 'file');
    writeFileSync(place, '');
    await expect(open(join(place, 'leases'))).rejects.toMatchObject({ code: 'LEASES_UNWRITABLE' });
  });

  it('refuses commits after close', async () => {
    const { journal } = await open(join(directory(), 'leases'));
    await journal.close();
    await expect(journal.commit([lease(1)])).rejects.toMatchObject({ code: 'LEASES_UNWRITABLE' });
  });
});

describe('after a crash', () => {
  it('takes the blanks written ahead for what they are, and a line torn within them', async () => {
    const file = join(directory(), 'leases');
    const { journal } = await open(file);
    await journal.commit([lease(1)]);
    await expect.poll(() => statSync(file).size).toBeGreaterThan(100_000);
    const crashed = readFileSync(file);
    await journal.close();
    expect(readFileSync(file, 'latin1')).toBe(HEADER + encodeRecord(lease(1)));

    writeFileSync(file, crashed);
    const whole = await open(file);
    expect([await whole.journal.load(), whole.logged]).toEqual([[lease(1)], []]);
    await whole.journal.commit([lease(2)]);

    crashed.write('{"ip":"10.0', crashed.indexOf(' \x20\x20'));
    writeFileSync(file, crashed);
    const torn = await open(file);
    expect([await torn.journal.load(), torn.logged.length]).toEqual([[lease(1)], 1]);
    await torn.journal.commit([lease(3)]);
    await torn.journal.close();
    expect(readFileSync(file, 'latin1')).toBe(HEADER + encodeRecord(lease(1)) + encodeRecord(lease(3)));
  });

  it('keeps every whole line wherever the file was cut, and goes on from there', async () => {
    const file = join(directory(), 'leases');
    const lines = [1, 2, 3].map((n) => encodeRecord(lease(n)));
    const whole = Buffer.from(HEADER + lines.join(''), 'latin1');
    const starts = [HEADER.length, HEADER.length + lines[0]!.length, whole.length - lines[2]!.length];
    for (let size = 0; size < whole.length; size++) {
      writeFileSync(file, whole.subarray(0, size));
      const kept = starts.filter((start, n) => size >= start + lines[n]!.length).length;
      const { journal, logged } = await open(file);
      expect((await journal.load()).length).toBe(kept);
      const atEnd = size === 0 || size === whole.length || starts.includes(size);
      expect(logged.map(({ values }) => values.count)).toEqual(atEnd ? [] : [1]);
      if (size % 16 === 0) {
        await journal.commit([lease(9)]);
        await journal.close();
        const expected = [...[1, 2, 3].slice(0, kept), 9].map((n) => encodeRecord(lease(n)));
        expect(readFileSync(file, 'latin1')).toBe(HEADER + expected.join(''));
      } else await journal.close();
    }
  });

  it('skips damaged lines between good ones and says how many', async () => {
    const file = join(directory(), 'leases');
    const damaged = encodeRecord(lease(2)).replace('52:54', '52:55');
    writeFileSync(file, HEADER + encodeRecord(lease(1)) + damaged + encodeRecord(lease(3)) + '\0'.repeat(99));
    const { journal, logged } = await open(file);
    expect(await journal.load()).toEqual([lease(1), lease(3)]);
    expect(logged[0]?.values).toMatchObject({ count: 2 });
    await journal.commit([lease(4)]);
    await journal.close();
    expect(readFileSync(file, 'latin1')).toBe(
      HEADER + encodeRecord(lease(1)) + damaged + encodeRecord(lease(3)) + encodeRecord(lease(4)),
    );
  });

  it('takes a first write of which only the length arrived for an empty file', async () => {
    const file = join(directory(), 'leases');
    writeFileSync(file, Buffer.alloc(300));
    expect(await loaded(file)).toEqual([]);
  });

  it('has every lease whose commit resolved before a kill -9', async () => {
    const file = join(directory(), 'leases');
    const child = spawn(process.execPath, ['--input-type=module', '--eval', WRITER, compiled(), file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let resolved = 0;
    for await (const line of createInterface(child.stdout)) {
      resolved = Number(line);
      if (resolved >= 3000 && !child.killed) child.kill('SIGKILL');
    }
    if (child.signalCode === null) await once(child, 'exit');
    expect(child.signalCode).toBe('SIGKILL');
    const have = new Map((await loaded(file)).map(({ ip, expires }) => [ip, expires]));
    for (let n = Math.max(0, resolved - 999); n <= resolved; n++)
      expect(have.get(n % 1000)).toBeGreaterThanOrEqual(n);
  });
});

describe('compaction', () => {
  it('throws out lines that no longer count, losing nothing committed meanwhile', async () => {
    const file = join(directory(), 'leases');
    const { journal } = await open(file, 100);
    const commits: Promise<void>[] = [];
    for (let round = 0; round < 60; round++) {
      for (let n = 0; n < 20; n++) commits.push(journal.commit([lease(n, round)]));
      // Without a pause the rounds end before the copy that leaves lines out is made.
      await commits.at(-1);
    }
    await Promise.all(commits);
    await journal.close();
    expect(readFileSync(file, 'latin1').split('\n').length).toBeLessThan(700);
    expect(await loaded(file)).toEqual(Array.from({ length: 20 }, (_, n) => lease(n, 59)));
  });

  it('goes on with the old file when there is no room for the copy', async () => {
    const file = join(directory(), 'leases');
    mkdirSync(`${file}.new`);
    const { journal, logged } = await open(file, 10);
    for (let n = 0; n < 40; n++) await journal.commit([lease(1, n)]);
    await journal.close();
    // Tried at 12 lines, then not before 24.
    expect(logged.length).toBe(2);
    expect(await loaded(file)).toEqual([lease(1, 39)]);
  });
});

describe('a disk that fails', () => {
  it('rejects, then recovers with everything it knew when the file is back', async () => {
    const place = join(directory(), 'sub');
    const file = join(place, 'leases');
    const { journal } = await open(file);
    await journal.commit([lease(1)]);
    breakWrites(journal);
    renameSync(place, `${place}.gone`);
    writeFileSync(place, '');
    await expect(journal.commit([lease(2)])).rejects.toMatchObject({ code: 'LEASES_UNWRITABLE' });
    await expect(journal.commit([lease(3)])).rejects.toMatchObject({ code: 'LEASES_UNWRITABLE' });
    rmSync(place);
    await journal.commit([lease(4)]);
    expect(await loaded(file)).toEqual([lease(1), lease(4)]);
  });

  it('cuts off what a failed write left', async () => {
    const file = join(directory(), 'leases');
    const { journal } = await open(file);
    await journal.commit([lease(1)]);
    breakWrites(journal);
    await expect(journal.commit([lease(2)])).rejects.toMatchObject({ code: 'LEASES_UNWRITABLE' });
    writeFileSync(file, encodeRecord(lease(2)) + encodeRecord(lease(3)).slice(0, 20), { flag: 'a' });
    await journal.commit([lease(4)]);
    expect(await loaded(file)).toEqual([lease(1), lease(4)]);
    expect(readFileSync(file, 'latin1').split('\n').length).toBe(4);
    chmodSync(file, 0o640);
  });
});

/** The next write fails as on a full disk. */
function breakWrites(journal: unknown): void {
  const { output } = journal as { output: { append: (text: string) => Promise<void> } };
  output.append = () => Promise.reject(new Error('ENOSPC: no space left on device, write'));
}
