/** CRC-32 (ISO-HDLC, as in Ethernet and zip); node:zlib has it only since Node 20.15. */

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** The sum of a text whose characters are bytes (latin-1), as an unsigned number. */
export function crc32(text: string): number {
  let sum = 0xffffffff;
  for (let i = 0; i < text.length; i++) sum = (sum >>> 8) ^ TABLE[(sum ^ text.charCodeAt(i)) & 255]!;
  return (sum ^ 0xffffffff) >>> 0;
}
