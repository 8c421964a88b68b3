/** Every lease store keeps the same promises. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { Lease } from '../../boot/lease.ts';
import { formatMac } from '../../net/mac.ts';
import type { LeaseStore } from '../types.ts';
import { openLeaseJournal } from './journal.ts';
import { memoryLeases } from './memory.ts';
import { decodeRecord, encodeRecord } from './record.ts';

const cleanup: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanup.splice(0).reverse()) await undo();
});

async function journal(): Promise<LeaseStore> {
  const directory = mkdtempSync(join(tmpdir(), 'chainboot-leases-'));
  const store = await openLeaseJournal(join(directory, 'sub', 'leases'), () => {});
  cleanup.push(async () => {
    await store.close();
    rmSync(directory, { recursive: true });
  });
  return store;
}

const lease: Lease = { ip: 0xc000020a, mac: '52:54:00:12:34:56', expires: 1_790_000_000_000, state: 'bound' };

describe.each([
  ['journal', journal],
  ['memory', async () => memoryLeases()],
])('%s leases', (_name, open) => {
  it('begins empty', async () => {
    expect(await (await open()).load()).toEqual([]);
  });

  it('has what was committed, with everything it says', async () => {
    const store = await open();
    const full: Lease = {
      ...lease,
      clientId: '01525400123456',
      hostname: 'web "1"\n\u00e9\u2603',
      state: 'declined',
    };
    await store.commit([full, { ...lease, ip: 1 }]);
    expect(await store.load()).toEqual([full, { ...lease, ip: 1 }]);
  });

  it('has the newest state of an address', async () => {
    const store = await open();
    await store.commit([lease, { ...lease, state: 'released' }]);
    await store.commit([{ ...lease, mac: '52:54:00:00:00:01', expires: 5 }]);
    expect(await store.load()).toEqual([{ ...lease, mac: '52:54:00:00:00:01', expires: 5 }]);
  });

  it('takes an empty commit', async () => {
    await expect((await open()).commit([])).resolves.toBeUndefined();
  });
});

const leases: fc.Arbitrary<Lease> = fc.record(
  {
    ip: fc.nat(0xffffffff),
    mac: fc.uint8Array({ minLength: 6, maxLength: 6 }).map(formatMac),
    expires: fc.nat(Number.MAX_SAFE_INTEGER),
    state: fc.constantFrom('bound', 'released', 'declined'),
    clientId: fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('hex')),
    hostname: fc.string({ unit: 'binary' }),
  },
  { requiredKeys: ['ip', 'mac', 'expires', 'state'] },
);

describe('a record', () => {
  it('is one ASCII line, and decodes to what was encoded', () => {
    fc.assert(
      fc.property(leases, (value) => {
        const line = encodeRecord(value);
        expect(line).toMatch(/^[\x20-\x7e]+\n$/);
        expect(decodeRecord(line.slice(0, -1))).toEqual(value);
      }),
    );
  });

  it('is undefined when any byte of it changed', () => {
    const line = encodeRecord(lease).slice(0, -1);
    for (let at = 0; at < line.length; at++) {
      const changed = `${line.slice(0, at)}${line[at] === '0' ? '1' : '0'}${line.slice(at + 1)}`;
      expect(decodeRecord(changed)).toBeUndefined();
    }
  });

  it('is undefined, never an error, for any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(decodeRecord(text)).toBeUndefined();
      }),
    );
  });
});
