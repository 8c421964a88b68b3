import { chmodSync, chownSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isUnread, type KeaFile, permits, unwritable } from './file.ts';

let directory: string;
let file: KeaFile;
const KEA = 64_321;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'chainboot-kea-'));
  const path = join(directory, 'kea.json');
  writeFileSync(path, '{ "Dhcp4": { "a": 1 } }');
  file = { path, user: KEA, groups: [KEA + 1], configured: Date.now() };
});

afterEach(() => rmSync(directory, { recursive: true }));

describe('the file of Kea', () => {
  it('can be written by its owner, its group or everybody, as its mode says', async () => {
    chmodSync(file.path, 0o644);
    expect(await unwritable(file)).toMatchObject({ hint: `chown ${KEA} ${file.path}` });
    chmodSync(file.path, 0o666);
    expect(await unwritable(file)).toBeUndefined();
    chmodSync(file.path, 0o644);
    expect(await unwritable({ ...file, user: 0 })).toBeUndefined();
    expect(await unwritable({ ...file, user: process.getuid?.() ?? 0 })).toBeUndefined();
  });

  it.skipIf(process.getuid?.() !== 0)('can be written by a group that it belongs to', async () => {
    chownSync(file.path, 0, KEA + 1);
    chmodSync(file.path, 0o664);
    expect(await unwritable(file)).toBeUndefined();
    expect(await unwritable({ ...file, groups: [] })).toBeDefined();
  });

  it('has something to lose where it is newer than what Kea took, and says something else', async () => {
    expect(await isUnread(file, { a: 2 })).toBe(false);
    const later = Date.now() / 1000 + 60;
    utimesSync(file.path, later, later);
    expect(await isUnread(file, { a: 2 })).toBe(true);
    expect(await isUnread(file, { a: 1 })).toBe(false);
    writeFileSync(file.path, '// By hand.\n{ "Dhcp4": { "a": 1 } }');
    utimesSync(file.path, later, later);
    expect(await isUnread(file, { a: 1 })).toBe(true);
  });
});

it('AppArmor permits what a rule for the file or its directory says', () => {
  const rules = (line: string) => `profile kea-dhcp4 {\n  /etc/kea/ r,\n  ${line}\n}`;
  const path = '/etc/kea/kea-dhcp4.conf';
  expect(permits(rules('/etc/kea/** r,'), path)).toBe(false);
  expect(permits(rules('/etc/kea/kea-dhcp4.conf rw,'), path)).toBe(true);
  expect(permits(rules('owner /etc/kea/** rw,'), path)).toBe(true);
  expect(permits(rules('/var/lib/kea/* rw,'), path)).toBe(false);
});
