/** The Internet checksum (RFC 1071). */

/** One's complement sum of big-endian 16-bit words, to be carried on; an odd last byte counts as its upper half. */
export function sumWords(bytes: Uint8Array, sum = 0): number {
  const even = bytes.length & ~1;
  for (let i = 0; i < even; i += 2) sum += (bytes[i]! << 8) | bytes[i + 1]!;
  return bytes.length > even ? sum + (bytes[even]! << 8) : sum;
}

/** The checksum of a sum: folded to 16 bits and inverted. Zero when the summed bytes held their own checksum. */
export function checksumOf(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = Math.floor(folded / 0x10000) + (folded & 0xffff);
  return ~folded & 0xffff;
}
