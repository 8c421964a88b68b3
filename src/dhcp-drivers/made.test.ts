import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Made } from './made.ts';

const A = { name: 'a.lab', mac: '52:54:00:00:00:01', ip: '10.0.0.1' };
const POOL = { name: 'b.lab', mac: '52:54:00:00:00:02' };

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'chainboot-made-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('the record of what was made', () => {
  it('is nothing at first, and then what was written, for nobody else to read', async () => {
    const below = join(directory, 'dhcp-servers');
    expect(await new Made(below, 'office').read()).toEqual({ reservations: [], parts: {} });
    const made = { reservations: [A, POOL], parts: { loaders: 'text' } };
    await new Made(below, 'office').write(made);
    expect(await new Made(below, 'office').read()).toEqual(made);
    expect(await new Made(below, 'other').read()).toEqual({ reservations: [], parts: {} });
    expect(statSync(join(below, 'office.json')).mode & 0o077).toBe(0);
    expect(readdirSync(below)).toEqual(['office.json']);
  });

  it.each([
    '',
    '{',
    'null',
    '[]',
    '{"reservations": null, "parts": {}}',
    '{"reservations": [{}], "parts": {}}',
  ])('that was spoilt (%s) is not taken for nothing', async (text) => {
    writeFileSync(join(directory, 'office.json'), text);
    await expect(new Made(directory, 'office').read()).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  });

  it('that cannot be written is told', async () => {
    writeFileSync(join(directory, 'file'), '');
    await expect(
      new Made(join(directory, 'file'), 'office').write({ reservations: [A], parts: {} }),
    ).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
  });
});
