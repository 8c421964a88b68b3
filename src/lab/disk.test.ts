import { expect, it } from 'vitest';
import { bootSector, DISK_SAYS } from './disk.ts';

it('is a boot sector whose code points at its text', () => {
  const sector = bootSector();
  expect([...sector.slice(-2)]).toEqual([0x55, 0xaa]);
  const text = new DataView(sector.buffer).getUint16(6, true) - 0x7c00;
  expect(new TextDecoder().decode(sector.slice(text, text + DISK_SAYS.length + 2))).toBe(`\r\n${DISK_SAYS}`);
});
