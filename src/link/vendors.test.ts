import { expect, it } from 'vitest';
import { vendorIn, vendorOf } from './vendors.ts';

it.each([
  ['ieee-data', '00-22-72   (hex)\t\tMaker Corp.\r\n002272     (base 16)\t\tMaker Corp.\r\n'],
  ['nmap', '002271 Other\n002272 Maker Corp.\n'],
  ['wireshark', '00:22:71\tOther\tOther Inc.\n00:22:72\tMaker\tMaker Corp.\n'],
])('a list as in %s', (_, text) => {
  expect(vendorIn(text, '002272')).toBe('Maker Corp.');
  expect(vendorIn(text, '0022FF')).toBeUndefined();
});

it('a longer prefix of another maker is not taken for the short one', () => {
  expect(vendorIn('00:22:72:10:00:00/28\tX\tX Inc.\n', '002272')).toBeUndefined();
});

it('no list, and no maker at all', () => {
  expect(vendorOf('00:22:72:00:00:01', ['/nonexistent'])).toBeUndefined();
  expect(vendorOf('02:22:72:00:00:01')).toBeUndefined();
  expect(vendorOf('52:54:00:00:00:01')).toBe('QEMU/KVM');
});
