/**
 * Every capture in captures/: what it tells, and what this server would have answered, against the .txt beside it. One
 * from a bug report becomes a regression test by being put there, with a NAME.site.yaml and a NAME.chainboot.yaml if it
 * needs its own; then UPDATE_GOLDEN=1 npx vitest run test/golden/captures.test.ts -t NAME, and read what was written.
 */

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { shippedRecords } from '../../src/app/core.ts';
import { replayLink } from '../../src/app/replay/link.ts';
import { replay } from '../../src/app/replay/replay.ts';
import { readConversation } from '../../src/capture/conversation.ts';
import { readCaptureFile } from '../../src/capture/file.ts';
import { reportLines } from '../../src/capture/report.ts';
import { eventLines } from '../../src/capture/words.ts';
import { loadConfig } from '../../src/config/load.ts';
import { loadSite } from '../../src/config/site-file.ts';
import { planSite } from '../../src/service/apply.ts';
import { Inventory } from '../../src/service/inventory.ts';
import { memoryInventory } from '../../src/store/memory/inventory.ts';
import { RenderPool } from '../../src/template/pool.ts';
import { CAPTURES, captureNames } from '../pcap.ts';

const UPDATE = process.env.UPDATE_GOLDEN === '1';
/** Stands for the loaders of Debian, whose sizes differ from version to version. */
const LOADERS = [
  'pxelinux.0',
  'lpxelinux.0',
  'ldlinux.c32',
  'ipxe.lkrn',
  'undionly.kpxe',
  'ipxe.efi',
  'snponly.efi',
];

const loaders = mkdtempSync(join(tmpdir(), 'chainboot-loaders-'));
for (const [i, name] of LOADERS.entries()) {
  const file = join(loaders, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, Buffer.alloc(1000 + i));
}
const pool = new RenderPool({ workers: 1, timeoutMs: 60_000 });
afterAll(async () => {
  await pool.close();
  rmSync(loaders, { recursive: true });
});

/** The one of the capture, else the one for all. */
function fileOf(name: string, suffix: string): string {
  const own = `${CAPTURES}${name.replace(/\.pcap(ng)?$/, '')}.${suffix}`;
  return existsSync(own) ? own : `${CAPTURES}${suffix}`;
}

async function inventoryOf(file: string): Promise<Inventory> {
  const { site, problems } = loadSite(file);
  expect(problems).toEqual([]);
  const inventory = await Inventory.open(memoryInventory(), shippedRecords());
  await inventory.change((current) => {
    const options = { makeToken: () => ({ value: 'token' }), now: 0, hasLoader: () => true };
    const { changes, faults } = planSite(site, current, options);
    expect(faults).toEqual([]);
    return { changes, result: undefined };
  });
  return inventory;
}

async function told(name: string, file = readFileSync(`${CAPTURES}${name}`)): Promise<string> {
  const { frames, damage } = readCaptureFile(file);
  const conversation = readConversation(frames);
  const config = loadConfig(fileOf(name, 'chainboot.yaml'));
  const inventory = await inventoryOf(fileOf(name, 'site.yaml'));
  pool.setLibrary(inventory.site.list('provisioning_templates'));
  const served = replayLink(config, conversation, undefined);
  const withLoaders = { ...config, loaders: { ...config.loaders, directories: [loaders] } };
  const report = await replay(
    conversation,
    { config: withLoaders, served, inventory, pool, leases: [] },
    undefined,
  );
  const lines = [
    ...(damage === undefined ? [] : [`damaged: ${damage}`]),
    ...conversation.events.flatMap((event) => eventLines(event, conversation.began)),
    '',
    ...reportLines(report, conversation.began),
    ...report.boots.map(({ id, diagnosis }) => `diagnosis of ${id}: ${diagnosis.code}`),
  ];
  return `${lines.join('\n').replaceAll(loaders, '/loaders')}\n`;
}

describe('a capture says and gives what it did', () => {
  it.each(captureNames())('%s', async (name) => {
    const text = await told(name);
    const kept = `${CAPTURES}${name}.txt`;
    if (UPDATE) writeFileSync(kept, text);
    expect(existsSync(kept), `${name} is not kept yet: run with UPDATE_GOLDEN=1`).toBe(true);
    expect(text).toBe(readFileSync(kept, 'utf8'));
  });

  it('and one with bytes changed is told of and replayed all the same', async () => {
    const name = 'proxy-UEFI-snponly.pcap';
    const whole = readFileSync(`${CAPTURES}${name}`);
    // Behind the header of the file, without which it is no capture.
    const change = fc.tuple(fc.integer({ min: 24, max: whole.length - 1 }), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 40 }), async (changes) => {
        const file = Buffer.from(whole);
        for (const [at, value] of changes) file[at] = value;
        expect(await told(name, file)).toMatch(/answered differently here/);
      }),
      { numRuns: 15 },
    );
  });

  it('and nothing is kept of captures that are gone', () => {
    const kept = readdirSync(CAPTURES).filter((file) => file.endsWith('.txt'));
    expect(kept.sort()).toEqual(captureNames().map((name) => `${name}.txt`));
  });
});
