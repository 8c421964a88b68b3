/**
 * What real firmware does that no RFC says, each a rule with a name: the machine that needs it, where that was seen, and
 * where the rule is. Every one has a test of its name in quirks.test.ts, and docs/dhcp.md lists them.
 */

export type Quirk = {
  /** The firmware, as exactly as it is known. */
  readonly machine: string;
  readonly does: string;
  readonly rule: string;
  /** Where it was seen: measured here, or told by whom. */
  readonly seen: string;
  readonly file: string;
};

export const QUIRKS = {
  'vendor-class-without-options': {
    machine: 'PXE ROMs (Intel Boot Agent, EDK II)',
    does: 'take an answer with option 60 PXEClient for one of a boot server, and look for the options in 43',
    rule: 'a full server does not echo option 60; a proxy, which must, says in option 43 that there is no menu, or sends the machine to port 4011',
    seen: 'PXE 2.1 §2.2.3; OVMF 2022.11',
    file: 'pxe.ts',
  },
  'http-wants-vendor-class': {
    machine: 'UEFI HTTP boot (OVMF 2022.11)',
    does: 'ignores an answer without option 60 HTTPClient: 50 s of nothing, then the next boot entry',
    rule: 'HTTPClient is echoed to who sends it',
    seen: 'measured',
    file: 'pxe.ts',
  },
  'name-runs-on': {
    machine: 'old Intel Boot Agents',
    does: 'read the name in option 67 as a C string and ask TFTP for "pxelinux.0" with the byte 0xff behind it',
    rule: 'a zero pad follows options 66 and 67; TFTP cuts 0xff off the end of a name',
    seen: 'dnsmasq and PXELINUX name it',
    file: 'packet.ts',
  },
  'no-end': {
    machine: 'ROMs that fill the options field to its last byte',
    does: 'send no end option, or padding and 0xff behind it',
    rule: 'the end of the field is the end; what follows the end option is not read',
    seen: 'RFC 1533 clients; the captures have padding',
    file: 'packet.ts',
  },
  'no-uuid': {
    machine: 'ROMs without option 97, boards with a UUID of zeros (QEMU without -uuid)',
    does: 'cannot be told apart by UUID, although PXE 2.1 demands one',
    rule: 'the MAC tells machines apart; nothing is echoed for what was not sent; zeros name no machine',
    seen: 'measured',
    file: 'options.ts',
  },
  'uuid-mixed-endian': {
    machine: 'all PC firmware',
    does: 'sends the UUID as SMBIOS stores it, its first three fields little-endian',
    rule: 'read in natural order, as iPXE prints it',
    seen: 'measured: SeaBIOS and OVMF',
    file: 'options.ts',
  },
  'bare-user-class': {
    machine: 'iPXE, gPXE',
    does: 'sends option 77 as bare text, without the length byte of RFC 3004',
    rule: 'both encodings are read',
    seen: 'measured',
    file: 'options.ts',
  },
  'vendor-class-repeated': {
    machine: 'iPXE chained behind a proxy',
    does: "repeats the proxy's bare PXEClient as its own vendor class, without an architecture",
    rule: 'the architecture is that of option 93; option 60 counts only without it',
    seen: 'measured',
    file: 'pxe.ts',
  },
  'proxy-needs-siaddr': {
    machine: 'iPXE',
    does: 'ignores a proxy whose siaddr is 0, even if the file is a URL, and asks port 4011 in vain',
    rule: 'a proxy always fills siaddr and file',
    seen: 'measured; dhcp_has_pxeopts() in iPXE',
    file: 'pxe.ts',
  },
  'size-beyond-frame': {
    machine: 'OVMF',
    does: 'claims to take messages of 65280 bytes',
    rule: 'no answer is larger than an Ethernet frame takes',
    seen: 'measured',
    file: 'reply.ts',
  },
  'discovery-control-ignored': {
    machine: 'UEFI PXE (EDK II)',
    does: 'ignores a file that comes with "no menu" in option 43, and boots nothing',
    rule: 'its proxy OFFER names no file: the machine asks port 4011 for it, from whatever port',
    seen: 'measured: OVMF 2022.11',
    file: 'pxe.ts',
  },
  'refused-offers': {
    machine:
      'ROMs that hear no frame before they have an address, or take no second offer beside that of another server',
    does: 'let our offers go by and ask again',
    rule: 'after four offers the answer is broadcast; a proxy changes its form with every third attempt; what was taken stays',
    seen: 'ISC dhcpd (always-broadcast) and pixiecore name such ROMs; no model is known to us',
    file: 'refusals.ts',
  },
} as const satisfies Record<string, Quirk>;

export type QuirkName = keyof typeof QUIRKS;
