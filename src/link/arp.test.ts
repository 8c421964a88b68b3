import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromHex, toHex } from '../net/bytes.ts';
import { parseIpv4 } from '../net/ip.ts';
import { decodeArpReply, encodeArpProbe } from './arp.ts';

const REPLY = fromHex('0001080006040002525400770063 0a4d0064 020000000001 00000000'.replaceAll(' ', ''));

it('asks as RFC 5227 probes do: the sender says no address of its own', () => {
  const probe = encodeArpProbe(fromHex('020000000001'), parseIpv4('10.77.0.100')!);
  expect(toHex(probe)).toBe('0001080006040001020000000001000000000000000000000a4d0064');
});

it('reads who has which address, also from a padded frame', () => {
  const found = { mac: '52:54:00:77:00:63', address: parseIpv4('10.77.0.100') };
  expect(decodeArpReply(REPLY)).toEqual(found);
  expect(decodeArpReply(Uint8Array.of(...REPLY, ...new Uint8Array(18)))).toEqual(found);
});

it('takes nothing else for a reply', () => {
  expect(decodeArpReply(encodeArpProbe(fromHex('020000000001'), 1))).toBeUndefined();
  expect(decodeArpReply(REPLY.subarray(0, 27))).toBeUndefined();
  fc.assert(
    fc.property(fc.nat(7), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const other = REPLY.slice();
      other[at]! ^= flip;
      expect(decodeArpReply(other)).toBeUndefined();
    }),
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => void decodeArpReply(bytes)));
});
