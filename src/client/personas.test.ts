import { describe, expect, it } from 'vitest';
import { ARCHES } from '../net/arch.ts';
import { PERSONAS, personaOf } from './personas.ts';

describe('personas', () => {
  it('are there for every architecture that Linux is installed on over the network', () => {
    const played = new Set(PERSONAS.map(({ firmware }) => firmware.dhcp.arch));
    // Itanium and s390 have no iPXE, and nothing is known to say "BIOS x86 HTTP".
    const passedOver = ['UEFI Itanium', 's390 basic', 's390 extended', 'BIOS x86 HTTP'];
    const missing = ARCHES.filter(({ code }) => !played.has(code)).map(({ name }) => name);
    expect(missing.toSorted()).toEqual(passedOver.toSorted());
  });

  it('have names of their own, and say in option 60 what they say in option 93', () => {
    expect(new Set(PERSONAS.map(({ name }) => name)).size).toBe(PERSONAS.length);
    for (const { firmware, ipxe } of PERSONAS) {
      for (const { vendorClass, arch } of [firmware.dhcp, ipxe.dhcp])
        expect(vendorClass).toContain(`:Arch:${String(arch).padStart(5, '0')}:`);
      expect(ipxe.dhcp.userClass).toBe('iPXE');
    }
  });

  it('of the usual CPU have short names', () => {
    expect(personaOf('uefi-http')).toBe(personaOf('uefi-http-x64'));
    expect(personaOf('ipxe-uefi')?.firmware.dhcp.arch).toBe(7);
    expect(personaOf('toaster')).toBeUndefined();
  });
});
