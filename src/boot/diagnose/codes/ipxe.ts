/**
 * Error numbers of iPXE (https://ipxe.org/err). Eight hexadecimal digits: the third byte is the file that failed, and its
 * first two hexadecimal digits are a POSIX-like class, which says what it means in general.
 */

import type { KnownCode } from './pxe.ts';

/** Numbers that were seen, or that administrators meet. */
const NUMBERS: Readonly<Record<string, readonly [cause: string, fix: string]>> = {
  '040ee119': [
    'no configuration of the card succeeded: no answer to DHCP',
    'look at cable, VLAN and DHCP server; a port with spanning tree needs portfast; chainboot why MAC says whether it was heard',
  ],
  '040ee186': [
    'no configuration of the card succeeded: no answer to DHCP',
    'look at cable, VLAN and DHCP server; a port with spanning tree needs portfast',
  ],
  '3e11628e': [
    'no name server answered or none is known for the name',
    'give the subnet a name server, or use an address in the URL',
  ],
  '2d03e13b': [
    'there is nothing to boot: neither a file name nor a menu came with the address',
    'name a boot file in the DHCP server (chainboot dhcp-config); a proxy has to send an address of the next server with it',
  ],
  '3c092003': [
    'the protocol of the URL is not built into this iPXE: mostly https',
    'use an http URL, or an iPXE that is built with HTTPS',
  ],
  '0216eb3c': [
    'the certificate of the server is not trusted',
    'build iPXE with TRUST= of our root (chainboot certificate ca), and let the server send the whole chain',
  ],
  '2d0c613b': ['the server has no such file (404)', 'look at the URL in chainboot boots'],
  '0243613c': [
    'the server wants a login (401), or refuses',
    'look at the URL: a build token may have expired (chainboot why HOST)',
  ],
  '1d0c6539': [
    'the server failed (500) or the answer could not be read',
    'look at chainboot why HOST and the log of the server',
  ],
  '1d0c6239': ['the connection ended before the last byte', 'look at the line, and whether a proxy cuts it'],
  '4c0a6035': [
    'the connection was not answered in time',
    'let TCP to the server pass; give the subnet its router',
  ],
  '2e008081': [
    'what was fetched is no image that can be started',
    'look at what the URL gives: it may be an error page, or made for another architecture',
  ],
  '2e852001': [
    'the card was not started: it has no driver or no link',
    'look at the cable; use undionly.kpxe or snponly.efi (ipxe_driver: rom)',
  ],
  '38086193': ['the link is down', 'look at the cable and the port of the switch'],
  '7f048289': [
    'the firmware had not enough memory to start the kernel',
    'give the machine more memory: 512 MB at least with UEFI',
  ],
};

/** By the first two digits. */
const CLASSES: Readonly<Record<string, readonly [cause: string, fix: string]>> = {
  '01': ['too much was asked for at once', 'try again'],
  '02': ['access was refused', 'look at certificates, logins and permissions of what was asked for'],
  '03': ['the address is in use already', 'look for another machine with the same address'],
  '04': ['no address that can be used: DHCP or the name of the interface', 'look at DHCP: chainboot why MAC'],
  '0b': ['the connection was aborted', 'look at the line and at the other end'],
  '0c': ['the other end refused the connection', 'look whether a server listens on that address and port'],
  '0f': ['the connection was reset by the other end', 'look at firewalls and at the log of the server'],
  '1c': ['an argument of the command is wrong', 'look at the script (chainboot template render)'],
  '1d': ['data could not be read or written as it should', 'look at the line and at what the server sends'],
  '22': ['a message was too long', 'look at the MTU of the network'],
  '28': ['the network cannot be reached', 'give the subnet its router'],
  '2c': ['there is no device of that name', 'look for the card: it may need another iPXE (ipxe_driver)'],
  '2d': ['what was asked for is not there', 'look at the URL or file name'],
  '2e': ['it cannot be executed: no image, or one for another architecture', 'look at what the URL gives'],
  '31': ['there is not enough memory', 'give the machine more memory'],
  '38': ['it is not connected: the link is down', 'look at the cable and the port of the switch'],
  '39': ['it is no socket or connection', 'update iPXE'],
  '3c': ['this iPXE was built without what is needed for it', 'use another iPXE, or a simpler URL'],
  '3e': ['a name or address was not found', 'look at name servers and router of the subnet'],
  '3f': ['the operation is not permitted', 'look at certificates and trust'],
  '41': [
    'the server speaks the protocol in a way that cannot be understood',
    'look whether the URL leads to the right server and port',
  ],
  '42': ['the protocol is not supported', 'use another iPXE, or a simpler URL'],
  '43': ['a number is out of range', 'look at the script'],
  '4c': ['it took too long: nobody answered', 'look at firewalls, router, and whether the server runs'],
  '7f': [
    'the firmware reported an error of its own',
    'look at memory and Secure Boot of the machine; update its firmware',
  ],
};

/** `040ee119`, `https://ipxe.org/040ee119`, `(https://ipxe.org/040ee119)`; undefined for what is no number of iPXE. */
export function ipxeErrorOf(text: string): KnownCode | undefined {
  const number = /(?:^|ipxe\.org\/|0x)([0-9a-f]{8})\b/i.exec(text.trim())?.[1]?.toLowerCase();
  if (number === undefined) return undefined;
  const known = NUMBERS[number] ?? CLASSES[number.slice(0, 2)];
  const [cause, fix] = known ?? [
    'iPXE failed; its class of errors is not known here',
    `look at https://ipxe.org/${number}`,
  ];
  return { code: number, cause, fix };
}
