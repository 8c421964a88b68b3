import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { DISK_SAYS } from './disk.ts';
import { efiProgram, makeEfiDisk } from './efi-disk.ts';
import { makeWorkDirectory } from './workdir.ts';

const work = makeWorkDirectory();
afterAll(() => work.remove());

it('is read by mtools: the program is where UEFI looks on a disk it does not know', (ctx) => {
  const disk = join(work.path, 'disk');
  const copy = join(work.path, 'copy');
  makeEfiDisk(disk);
  const { error, status, stderr } = spawnSync(
    'mcopy',
    ['-i', `${disk}@@32768`, '::/EFI/BOOT/BOOTX64.EFI', copy],
    { encoding: 'utf8' },
  );
  if (error !== undefined) ctx.skip('the program mcopy is missing (Debian package mtools)');
  expect(status, stderr).toBe(0);
  expect(readFileSync(copy).equals(efiProgram())).toBe(true);
});

it('prints the text that follows its code', () => {
  const code = Buffer.from(efiProgram()).subarray(512);
  const afterLea = 15;
  const text = afterLea + code.readInt32LE(11);
  expect(code.toString('utf16le', text, text + 2 * (DISK_SAYS.length + 2))).toBe(`\r\n${DISK_SAYS}`);
});
