/**
 * Error numbers of iPXE (https://ipxe.org/err), eight hexadecimal digits. The first two are a POSIX error, which says what
 * it means in general: the POSIX names in alphabetical order, counted from 01 (E2BIG), and 7f for what the firmware said.
 * The next four name the file that failed and the place in it. The last two are the nearest error of the platform, so they
 * differ for one fault: PXE status on BIOS (0216eb3c), on UEFI 80 and the number of the EFI status (0216eb8f).
 */

import type { KnownCode } from './pxe.ts';

type Meaning = readonly [cause: string, fix: string];

const LOGIN: Meaning = [
  'the server wants a login (401), and none is known for it',
  'look at the URL; what Chainboot serves to machines needs no login, so another server may have answered',
];
const MEMORY: Meaning = [
  'the firmware had not enough memory to start the program',
  'give the machine more memory: 512 MB at least with UEFI',
];
const LEFT: Meaning = [
  'the program was started and found nothing to boot',
  'look at the screen of the machine',
];
const UNSIGNED: Meaning = [
  'the firmware refused to start the program: with Secure Boot on, it is not signed for this machine',
  'use the loader Grub2 UEFI SecureBoot, or turn Secure Boot off in the firmware',
];

/** Numbers that were seen, or that administrators meet, by their first six digits: those of BIOS and UEFI alike. */
const NUMBERS: Readonly<Record<string, Meaning>> = {
  '040ee1': [
    'no configuration of the card succeeded: no answer to DHCP',
    'look at cable, VLAN and DHCP server; a port with spanning tree needs portfast; chainboot why MAC says whether it was heard',
  ],
  '3e1161': [
    'the name server does not know the name in the URL',
    'look at the name in the URL, or use an address in its place',
  ],
  '3e1162': [
    'no name server is known that answers',
    'give the subnet a name server, or use an address in the URL',
  ],
  '2d03e1': [
    'there is nothing to boot: neither a file name nor a menu came with the address',
    'name a boot file in the DHCP server (chainboot dhcp-config); a proxy has to send an address of the next server with it',
  ],
  '3c0920': [
    'the protocol of the URL is not built into this iPXE: mostly https',
    'use an http URL, or an iPXE that is built with HTTPS',
  ],
  '0216eb': [
    'the certificate of the server is not trusted',
    'build iPXE with TRUST= of our root (chainboot certificate ca), and let the server send the whole chain',
  ],
  '2d0c61': ['the server has no such file (404)', 'look at the URL in chainboot boots'],
  '020c61': LOGIN,
  '024261': LOGIN,
  '024361': LOGIN,
  '410c61': [
    'the server refuses it (403)',
    'look at the URL: a build token may have expired (chainboot why HOST)',
  ],
  '1d0c65': ['the server failed (5xx)', 'look at chainboot why HOST and the log of the server'],
  '1d0c64': ['the server refuses the request (4xx)', 'look at chainboot why HOST and the log of the server'],
  '1d0c62': ['the connection ended before the last byte', 'look at the line, and whether a proxy cuts it'],
  '4c0a60': [
    'the connection was not answered in time',
    'let TCP to the server pass; give the subnet its router',
  ],
  '2e0080': [
    'what was fetched is no image that can be started',
    'look at what the URL gives: it may be an error page, or made for another architecture',
  ],
  '1a0861': [
    'the link is not up yet, or its driver does not know whether it is',
    'look at the cable; a port with spanning tree needs portfast',
  ],
  '380861': ['the link is down', 'look at the cable and the port of the switch'],
  '7f0481': [
    'the firmware did not take the program as one that it may start',
    'look whether it is made for this processor, and for Secure Boot whether it is signed',
  ],
};

/** By the first two digits. They fit the texts in ipxe.efi of Debian 12. */
const CLASSES: Readonly<Record<string, Meaning>> = {
  '01': ['too much was asked for at once', 'try again'],
  '02': ['access was refused', 'look at certificates, logins and permissions of what was asked for'],
  '03': ['the address is in use already', 'look for another machine with the same address'],
  '04': ['no address that can be used: DHCP or the name of the interface', 'look at DHCP: chainboot why MAC'],
  '0b': ['it was cancelled, by a key or by the script', 'start it again, and press no key'],
  '0d': ['the connection was aborted', 'look at the line and at the other end'],
  '0e': ['the other end refused the connection', 'look whether a server listens on that address and port'],
  '0f': ['the connection was reset by the other end', 'look at firewalls and at the log of the server'],
  '17': ['the other end cannot be reached', 'give the subnet its router; look at firewalls'],
  '1a': ['it is not ready yet', 'look at the cable; a port with spanning tree needs portfast'],
  '1c': ['an argument of the command is wrong', 'look at the script (chainboot template render)'],
  '1d': ['data could not be read or written as it should', 'look at the line and at what the server sends'],
  '23': ['a message was too long', 'look at the MTU of the network'],
  '26': ['the network is down', 'look at the cable and the port of the switch'],
  '28': ['the network cannot be reached', 'give the subnet its router'],
  '2a': ['there is not enough memory', 'give the machine more memory'],
  '2c': ['there is no device of that name', 'look for the card: it may need another iPXE (ipxe_driver)'],
  '2d': ['what was asked for is not there', 'look at the URL or file name'],
  '2e': ['it cannot be executed: no image, or one for another architecture', 'look at what the URL gives'],
  '31': ['there is not enough memory', 'give the machine more memory'],
  '34': ['there is no room left', 'give the machine more memory'],
  '37': ['this iPXE was built without what is needed for it', 'use another iPXE'],
  '38': ['it is not connected', 'look at the cable and the port of the switch'],
  '3c': ['this iPXE was built without what is needed for it', 'use another iPXE, or a simpler URL'],
  '3e': ['a name or address was not found', 'look at name servers and router of the subnet'],
  '3f': ['this iPXE was built without what is needed for it', 'use another iPXE, or a simpler URL'],
  '41': ['the operation is not permitted', 'look at certificates and trust'],
  '43': [
    'the server speaks the protocol in a way that cannot be understood',
    'look whether the URL leads to the right server and port',
  ],
  '44': ['the protocol is not supported', 'use another iPXE, or a simpler URL'],
  '46': ['a number is out of range', 'look at the script'],
  '4c': ['it took too long: nobody answered', 'look at firewalls, router, and whether the server runs'],
  '7f': [
    'the firmware reported an error of its own',
    'look at memory and Secure Boot of the machine; update its firmware',
  ],
};

/** What the firmware said (class 7f), by the last two digits: UEFI 2.10, appendix D. */
const EFI: Readonly<Record<string, Meaning>> = {
  '89': MEMORY,
  '8e': LEFT,
  '8f': UNSIGNED,
  '9a': UNSIGNED,
};

/** `040ee119`, `https://ipxe.org/040ee119`, `(https://ipxe.org/040ee119)`; undefined for what is no number of iPXE. */
export function ipxeErrorOf(text: string): KnownCode | undefined {
  const number = /(?:^|ipxe\.org\/|0x)([0-9a-f]{8})\b/i.exec(text.trim())?.[1]?.toLowerCase();
  if (number === undefined) return undefined;
  const known = ofFirmware(number) ?? NUMBERS[number.slice(0, 6)] ?? CLASSES[number.slice(0, 2)];
  const [cause, fix] = known ?? [
    'iPXE failed; its class of errors is not known here',
    `look at https://ipxe.org/${number}`,
  ];
  return { code: number, cause, fix };
}

function ofFirmware(number: string): Meaning | undefined {
  return number.startsWith('7f') ? EFI[number.slice(-2)] : undefined;
}
