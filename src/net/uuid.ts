/** Machine UUIDs. Firmware sends option 97 in SMBIOS' mixed-endian order, iPXE prints the natural one. */

import { fromHex, toHex } from './bytes.ts';

/** Lower case, with dashes. */
export type Uuid = string;

/** The 16 bytes in the order given. */
export function formatUuid(bytes: Uint8Array): Uuid {
  const hex = toHex(bytes.subarray(0, 16));
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/**
 * Swaps the first three fields between SMBIOS' little-endian and the textual order; its own inverse.
 * PXELINUX asks for `pxelinux.cfg/<wire order>`, iPXE's `${uuid}` is `<natural order>`.
 */
export function swapUuid(uuid: Uuid): Uuid {
  const b = fromHex(uuid);
  return formatUuid(Uint8Array.of(b[3]!, b[2]!, b[1]!, b[0]!, b[5]!, b[4]!, b[7]!, b[6]!, ...b.subarray(8)));
}
