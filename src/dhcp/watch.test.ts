import { describe, expect, it } from 'vitest';
import { parseIpv4 } from '../net/ip.ts';
import { decodePacket, encodePacket } from './packet.ts';
import { hearAnswer, hearQuestion, probeMac, probePacket } from './watch.ts';

const ip = (text: string) => parseIpv4(text)!;
const bytes = (text: string) => Uint8Array.from(text.split('.').map(Number));
const LINK_MAC = Uint8Array.of(0x52, 0x54, 0, 0x77, 0, 1);

function answer(fields: object, options: readonly (readonly [number, Uint8Array])[]): Uint8Array {
  const chaddr = new Uint8Array(16);
  chaddr.set([0x52, 0x54, 0, 0, 0, 9]);
  const head = {
    op: 2,
    htype: 1,
    hlen: 6,
    hops: 0,
    xid: 7,
    secs: 0,
    flags: 0x8000,
    chaddr,
    sname: '',
    file: '',
  };
  const addresses = { ciaddr: 0, yiaddr: 0, siaddr: 0, giaddr: 0 };
  return encodePacket({ ...head, ...addresses, ...fields, options: new Map(options) });
}

const from = (payload: Uint8Array, source = '10.0.0.9') =>
  hearAnswer({ link: 'eth0', source: ip(source), mac: '02:00:00:00:00:09', payload });

describe('answers of others', () => {
  it('a server that gives addresses, with what it hands out', () => {
    const heard = from(
      answer({ yiaddr: ip('10.0.0.50'), siaddr: ip('10.0.0.8'), file: 'pxelinux.0' }, [
        [53, Uint8Array.of(2)],
        [54, bytes('10.0.0.9')],
        [3, bytes('10.0.0.1')],
      ]),
    );
    expect(heard).toMatchObject({ message: 'OFFER', client: '52:54:00:00:00:09', xid: 7, isBoot: false });
    expect(heard?.sightings).toEqual([
      {
        link: 'eth0',
        address: '10.0.0.9',
        mac: '02:00:00:00:00:09',
        role: 'dhcp',
        client: '52:54:00:00:00:09',
        offers: { address: '10.0.0.50', bootFile: 'pxelinux.0', nextServer: '10.0.0.8', router: '10.0.0.1' },
      },
    ]);
  });

  it('a proxy gives no address, perhaps a menu only', () => {
    const menu = Uint8Array.of(8, 7, 0x80, 0, 1, 10, 0, 0, 9, 9, 3, 0x80, 0, 0, 255);
    const heard = from(
      answer({}, [
        [53, Uint8Array.of(2)],
        [54, bytes('10.0.0.9')],
        [60, new TextEncoder().encode('PXEClient')],
        [43, menu],
      ]),
    );
    expect(heard).toMatchObject({ isBoot: true });
    expect(heard?.sightings[0]).toMatchObject({
      role: 'proxy-dhcp',
      offers: { bootFile: 'boot menu (option 43)' },
    });
  });

  it('what a relay passes on is the word of a server elsewhere', () => {
    const payload = answer({ yiaddr: ip('10.0.0.50'), giaddr: ip('10.0.0.2') }, [
      [53, Uint8Array.of(5)],
      [54, bytes('172.16.0.1')],
    ]);
    const [server, relay] = from(payload, '10.0.0.2')!.sightings;
    expect(server).toMatchObject({ role: 'dhcp', address: '172.16.0.1' });
    expect(server).not.toHaveProperty('mac');
    expect(relay).toMatchObject({ role: 'relay', address: '10.0.0.2', mac: '02:00:00:00:00:09' });
  });

  it('names from the wire are printable', () => {
    const heard = from(
      answer({ file: 'a\u001b[31m\n' }, [
        [53, Uint8Array.of(2)],
        [54, bytes('10.0.0.9')],
      ]),
    );
    expect(heard?.sightings[0]?.offers.bootFile).toBe('a?[31m?');
  });

  it('anything else is nothing', () => {
    expect(from(Uint8Array.of(2, 1, 6))).toBeUndefined();
    expect(from(probePacket(LINK_MAC, 1))).toBeUndefined();
    expect(from(answer({}, []))).toBeUndefined();
  });
});

describe('questions', () => {
  it('name the server that was chosen, and the relay', () => {
    const chosen = answer({ op: 1, giaddr: ip('10.0.0.2') }, [
      [53, Uint8Array.of(3)],
      [54, bytes('10.0.0.9')],
      [93, Uint8Array.of(0, 7)],
    ]);
    expect(hearQuestion(chosen)).toEqual({
      client: '52:54:00:00:00:09',
      relay: ip('10.0.0.2'),
      chosen: ip('10.0.0.9'),
      isBoot: true,
    });
  });

  it('every cut of one is looked at without harm', () => {
    const whole = probePacket(LINK_MAC, 1);
    for (let length = 0; length < whole.length; length++)
      expect(() => hearQuestion(whole.subarray(0, length))).not.toThrow();
  });

  it('our own asks as firmware, for a broadcast, with a local MAC that is not the link’s', () => {
    const mac = probeMac(LINK_MAC);
    expect(mac[0]! & 3).toBe(2);
    expect(probeMac(mac)).not.toEqual(mac);
    const { flags, ciaddr, options } = decodePacket(probePacket(mac, 5));
    expect({ flags, ciaddr, type: options.get(53)?.[0] }).toEqual({ flags: 0x8000, ciaddr: 0, type: 1 });
    expect(new TextDecoder().decode(options.get(60))).toMatch(/^PXEClient:/);
    expect(options.has(50)).toBe(false);
    expect(hearQuestion(probePacket(mac, 5))).toMatchObject({ client: '06:54:00:77:00:01', isBoot: true });
  });
});
