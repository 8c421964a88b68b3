import { describe, expect, it } from 'vitest';
import { readCapture } from '../../test/pcap.ts';
import { decodePacket, encodePacket } from '../dhcp/packet.ts';
import { toHex } from '../net/bytes.ts';
import { parseIpv4 } from '../net/ip.ts';
import { DISCOVER, message, REQUEST } from './dhcp-identity.ts';
import { personaOf } from './personas.ts';

const MACHINE = { mac: '52:54:00:77:00:10', uuid: '11223344-5566-7788-99aa-bbccddeeff00' };

function captured(name: string, frame: number): Uint8Array {
  return readCapture(name).find((datagram) => datagram.frame === frame)!.bytes;
}

describe('a virtual client is byte for byte what the real one was', () => {
  it.each([
    ['A-ipxerom.pcap', 'ipxe-rom', false],
    ['B-plainrom.pcap', 'bios-rom', false],
    ['UEFI-PXE-ipxe.efi.pcap', 'uefi-x64', true],
    ['UEFI-HTTP-ipxe.efi.pcap', 'uefi-http', true],
    ['UEFI-iPXErom-Cmanaged.pcap', 'ipxe-uefi', false],
  ])('DISCOVER of %s', (name, persona, broadcast) => {
    const real = captured(name, 1);
    const { xid } = decodePacket(real);
    const ours = message(personaOf(persona)!.firmware.dhcp, MACHINE, {
      type: DISCOVER,
      xid,
      nth: 0,
      broadcast,
    });
    expect(toHex(encodePacket(ours))).toBe(toHex(real));
  });

  it('REQUEST of A-ipxerom.pcap', () => {
    const real = captured('A-ipxerom.pcap', 14);
    const ours = message(personaOf('ipxe-rom')!.firmware.dhcp, MACHINE, {
      type: REQUEST,
      xid: decodePacket(real).xid,
      nth: 2,
      server: parseIpv4('10.77.0.1')!,
      address: parseIpv4('10.77.0.50')!,
      broadcast: false,
    });
    expect(toHex(encodePacket(ours))).toBe(toHex(real));
  });
});
