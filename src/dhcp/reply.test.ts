import { describe, expect, it } from 'vitest';
import { captured, ip, udhcpc, withOptions } from '../../test/dhcp-rig.ts';
import type { Decision } from '../boot/decide.ts';
import type { Lease } from '../boot/lease.ts';
import { because } from '../boot/reason.ts';
import { MESSAGE, OPTION, u8Value, u16Value } from './options.ts';
import { type Me, reply, sizeLimit } from './reply.ts';

const ME: Me = { role: 'server', address: ip('10.77.0.1'), server: ip('10.77.0.1') };
const NOTHING: Decision = { kind: 'address', because: because('not-a-boot') };

describe('size of an answer', () => {
  it.each([
    ['no claim', undefined, 548],
    ['less than everybody must take', 300, 548],
    ['iPXE', 1472, 1444],
    ['OVMF, which is not believed', 65_280, 1472],
  ])('%s', (_, claim, size) => {
    const packet = claim === undefined ? udhcpc(1) : withOptions(udhcpc(1), { 57: u16Value(claim) });
    expect(sizeLimit(packet)).toBe(size);
  });
});

describe('silence', () => {
  it.each(['offer', 'decline', 'ack', 'nak', 'release'] as const)('answers no %s', (name) => {
    const request = withOptions(udhcpc(1), { [OPTION.messageType]: u8Value(MESSAGE[name]) });
    expect(reply(request, NOTHING, undefined, ME)).toBeUndefined();
    expect(reply(request, NOTHING, undefined, { ...ME, role: 'proxy' })).toBeUndefined();
  });

  it('answers no DISCOVER without a lease', () => {
    expect(reply(captured('A-ipxerom', 1), NOTHING, undefined, ME)).toBeUndefined();
  });
});

describe('the log server (option 7)', () => {
  const lease = { ip: ip('10.77.0.50'), hostname: undefined } as unknown as Lease;
  const subnet = new Map<number, Uint8Array>([[OPTION.subnetMask, Uint8Array.of(255, 255, 255, 0)]]);
  const asks = withOptions(udhcpc(1), { [OPTION.paramRequestList]: Uint8Array.of(1, 3, 7) });
  const told = (me: Partial<Me>, request = asks) =>
    reply(request, NOTHING, lease, { ...ME, subnet, ...me })?.options.get(OPTION.logServers);

  it('is this one, where it takes logs and the client asks for one', () => {
    expect(told({ logs: true })).toEqual(Uint8Array.of(10, 77, 0, 1));
    expect(told({ logs: true }, captured('A-ipxerom', 1))).toEqual(Uint8Array.of(10, 77, 0, 1));
    expect(told({ logs: false })).toBeUndefined();
    const asksOther = withOptions(udhcpc(1), { [OPTION.paramRequestList]: Uint8Array.of(1, 3) });
    expect(told({ logs: true }, asksOther)).toBeUndefined();
  });

  it('is that of the subnet, where it has one', () => {
    const own = new Map(subnet).set(OPTION.logServers, Uint8Array.of(10, 77, 0, 9));
    expect(told({ logs: true, subnet: own })).toEqual(Uint8Array.of(10, 77, 0, 9));
  });
});
