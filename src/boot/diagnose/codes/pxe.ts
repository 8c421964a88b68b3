/** Error codes of PXE ROMs and of UEFI's network boot, in our own words. Numbers: PXE 2.1, appendix; EDK II. */

export type KnownCode = { readonly code: string; readonly cause: string; readonly fix: string };

const LINK =
  'plug in the cable, try another port and cable, and set the port to portfast (no spanning tree delay)';
const TFTP_FIX =
  'let UDP port 69 and the ports of the answers pass; look at the boot with chainboot why HOST';
const MEMORY = 'update the firmware of the card or turn its other option ROMs off';

export const PXE_CODES: Readonly<Record<string, readonly [cause: string, fix: string]>> = {
  'PXE-E00': ['not enough memory below 640 kB for the network stack of the ROM', MEMORY],
  'PXE-E01': [
    'the numbers of the card on the PCI bus do not fit the ROM',
    'flash the ROM that belongs to the card',
  ],
  'PXE-E02': [
    'the base address of the card is not set by the BIOS',
    'reset the firmware settings, or update them',
  ],
  'PXE-E03': [
    'the card has no I/O address that the ROM can use',
    'reset the firmware settings, or try another slot',
  ],
  'PXE-E04': [
    'the configuration of the card cannot be read from the PCI bus',
    'update the firmware, or try another slot',
  ],
  'PXE-E05': [
    'the memory of the card with its settings is damaged',
    'flash the ROM of the card anew, or change the card',
  ],
  'PXE-E06': ['the ROM image is damaged or not complete', 'flash the ROM anew'],
  'PXE-E07': ['the PCI services of the BIOS are missing', 'update the firmware of the machine'],
  'PXE-E08': ['the PCI services of the BIOS fail', 'update the firmware of the machine'],
  'PXE-E09': ['an unexpected error of the driver in the ROM', MEMORY],
  'PXE-E11': [
    'the address of the server or router did not answer ARP',
    'look whether router (option 3) and next server are right, and in which network they are',
  ],
  'PXE-E12': [
    'something answered ARP for an address that is not the one asked for',
    'look for two machines with one address',
  ],
  'PXE-E16': [
    'no offer of an address came (UEFI), or none that can be used',
    'look whether DHCP reaches the machine: cable, VLAN, relay, snooping; chainboot why MAC says whether we heard it',
  ],
  'PXE-E18': [
    'the boot server did not answer in time (UEFI)',
    'look at next server and UDP 69 and 4011; chainboot why MAC',
  ],
  'PXE-E20': ['the BIOS cannot give memory above 1 MB', MEMORY],
  'PXE-E21': [
    'the remote boot was cancelled (UEFI), or the BIOS cannot give memory',
    'nobody should press a key; look at the boot order',
  ],
  'PXE-E22': ['the BIOS cannot move data above 1 MB', 'update the firmware of the machine'],
  'PXE-E23': [
    'the file on the server is larger than the room for it (UEFI), or data cannot be moved by the BIOS',
    'use a smaller loader; look that the boot file is a loader and no image',
  ],
  'PXE-E24': ['memory cannot be copied by the BIOS', 'update the firmware of the machine'],
  'PXE-E25': ['memory cannot be cleared by the BIOS', 'update the firmware of the machine'],
  'PXE-E31': ['no memory for the TFTP client of the ROM', MEMORY],
  'PXE-E32': ['the TFTP server does not answer', TFTP_FIX],
  'PXE-E35': [
    'the TFTP server answers in a way that the ROM cannot read',
    'turn options of TFTP off for it (tftp.blksize), or update the ROM',
  ],
  'PXE-E36': ['the TFTP server sent an error', 'look for the file in chainboot boots: it may not be there'],
  'PXE-E38': ['the connection for TFTP cannot be opened', TFTP_FIX],
  'PXE-E39': ['TFTP fails while reading', TFTP_FIX],
  'PXE-E3A': ['the TFTP server refuses access', 'look at the name of the boot file'],
  'PXE-E3B': [
    'the TFTP server has no such file',
    'look at the name of the boot file; chainboot check lists loaders that are missing',
  ],
  'PXE-E3C': ['the TFTP server has not enough room', 'look at the log of the server'],
  'PXE-E3F': [
    'the TFTP server takes the request for illegal',
    'look at the name of the boot file for characters behind its end',
  ],
  'PXE-E40': ['the loader cannot be decompressed', 'use a loader that is made for this firmware'],
  'PXE-E51': [
    'neither DHCP nor a proxy answered',
    'look at cable, VLAN, relay and DHCP server; chainboot why MAC says whether the machine was heard',
  ],
  'PXE-E52': [
    'the proxy answered and no DHCP server did: there is no address',
    'mend the DHCP server that gives addresses beside us',
  ],
  'PXE-E53': [
    'an address came, and no name of a boot file',
    'the server that gave the address names no boot file: run this link in proxy mode, or name it there (chainboot dhcp-config); a host may be unknown or disabled: chainboot why MAC',
  ],
  'PXE-E54': [
    'the boot server sent no answer that can be used',
    'look for another server that answers on UDP 4011',
  ],
  'PXE-E55': [
    'the proxy was asked on port 4011 and did not answer',
    'let UDP 4011 pass; take option 60 PXEClient out of a DHCP server that is no boot server',
  ],
  'PXE-E61': ['the card sees no link, or its test fails', LINK],
  'PXE-E63': [
    'the card cannot be initialised',
    'switch the machine off and on; update the firmware of the card',
  ],
  'PXE-E67': ['the card has no hardware address that can be used', 'set its MAC address, or change the card'],
  'PXE-E68': ['the transmitter of the card fails', LINK],
  'PXE-E69': ['the card or its ROM is not right', 'flash its ROM, or change the card'],
  'PXE-E70': ['no boot server of the wanted type is known', 'see PXE-E53 and PXE-E55'],
  'PXE-E71': [
    'the answer with the list of boot servers cannot be read',
    'look at option 43 of the DHCP server: take it out',
  ],
  'PXE-E72': ['no boot server is listed for discovery', 'look at option 43 of the DHCP server: take it out'],
  'PXE-E74': ['the menu of the server cannot be read', 'look at option 43 of the DHCP server: take it out'],
  'PXE-E76': ['the multicast address for discovery is wrong', 'take option 43.2 out of the DHCP server'],
  'PXE-E77': ['the list of boot servers is wrong', 'take option 43.8 out of the DHCP server'],
  'PXE-E78': ['no boot server was found', 'let UDP 4011 pass; look at option 43.8 of the DHCP server'],
  'PXE-E79': [
    'the loader is larger than the memory below 640 kB',
    'use a smaller one, such as undionly.kpxe or pxelinux.0',
  ],
  'PXE-E80': [
    'the boot server has another file than the ROM was promised',
    'look for two servers that answer',
  ],
  'PXE-E81': ['the security check of the loader failed', 'use a signed loader, or turn the check off'],
  'PXE-E82': ['the credentials of the loader are missing', 'use a signed loader, or turn the check off'],
  'PXE-E85': ['the loader could not be authenticated', 'use a signed loader, or turn the check off'],
  'PXE-E88': ['the loader could not be authenticated in time', 'use a signed loader, or turn the check off'],
  'PXE-E99': [
    'an unexpected error of the network stack (UEFI)',
    'update the firmware; record the boot: chainboot capture MAC',
  ],
  'PXE-EC1': ['the base code of the ROM is not found', 'flash the ROM of the card anew'],
  'PXE-EC3': ['the base code of the ROM is damaged', 'flash the ROM of the card anew'],
  'PXE-EC8': ['the network part of the ROM is missing', 'turn network boot of this card on in the firmware'],
  'PXE-EC9': ['the network part of the ROM cannot be used', 'update the firmware of the card'],
  'PXE-M0F': [
    'the ROM gives up and goes to the next boot device: not an error by itself',
    'look at the code that stands above it on the screen',
  ],
  'PXE-T00': ['the TFTP server failed without saying why', 'look at chainboot boots for the file'],
  'PXE-T01': [
    'the TFTP server has no such file',
    'look at the name of the boot file; chainboot check lists loaders that are missing',
  ],
  'PXE-T02': [
    'the TFTP server refuses access to the file',
    'look at the name of the boot file, and who may read the file',
  ],
  'PXE-T03': ['the disk of the TFTP server is full', 'look at the log of the server'],
  'PXE-T04': [
    'the TFTP server takes the request for illegal',
    'look at the name of the boot file for characters behind its end',
  ],
  'PXE-T05': [
    'the number of the transfer is unknown to the TFTP server',
    'look for a router or firewall that changes ports',
  ],
  'PXE-T08': [
    'the TFTP server refuses the options of the request',
    'turn options of TFTP off (tftp.blksize)',
  ],
};

export function pxeErrorOf(code: string): KnownCode | undefined {
  const name = code.trim().toUpperCase();
  const known = PXE_CODES[name];
  return known && { code: name, cause: known[0], fix: known[1] };
}
