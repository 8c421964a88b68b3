/** What a boot loader's bytes tell of it: processor, signatures, version, features. Pure; any bytes give an answer. */

import { latin1 } from '../net/bytes.ts';

export type Executable = {
  readonly format: 'UEFI' | 'BIOS';
  /** Of UEFI programs: `x86_64`, `arm64` …, as net/arch.ts calls them. */
  readonly cpu?: string;
  /** Who vouches for it: names of the authorities that issued the signers' certificates. */
  readonly signers: readonly string[];
  /** `iPXE 1.0.0+git-…`; undefined where the bytes do not say, as in compressed ones. */
  readonly version?: string;
  /** iPXE only, and undefined where it is compressed. */
  readonly https?: boolean;
};

/** UEFI 2.10 §2.1.1, PE Format "Machine Types". */
const MACHINES: ReadonlyMap<number, string> = new Map([
  [0x014c, 'x86'],
  [0x8664, 'x86_64'],
  [0x01c2, 'arm32'],
  [0xaa64, 'arm64'],
  [0x5064, 'riscv64'],
  [0x6264, 'loongarch64'],
]);

export function readExecutable(bytes: Uint8Array): Executable {
  const pe = readPe(bytes);
  const text = latin1(bytes);
  const version = versionOf(text);
  const https = pe !== undefined && /iPXE\//.test(text) ? /\0https\0/.test(text) : undefined;
  return {
    format: pe === undefined ? 'BIOS' : 'UEFI',
    ...(pe?.cpu !== undefined && { cpu: pe.cpu }),
    signers: pe?.signers ?? [],
    ...(version !== undefined && { version }),
    ...(https !== undefined && { https }),
  };
}

/** Lines of SBAT, which every signed loader has (shim: SBAT.md): that of the distribution comes last. */
const SBAT = /\n(grub|shim)(?:\.[a-z]+)?,\d+,[^,\n]*,[^,\n]*,([^,\n]{1,60}),/g;
const SYSLINUX = /(?:PXELINUX|SYSLINUX|Syslinux\/) ?\d\.\d\d/;

function versionOf(text: string): string | undefined {
  // The user agent of iPXE is put together when it runs: the version lies somewhere as a string of its own.
  const ipxe = text.includes('iPXE/%s') ? /\0(\d+\.\d+\.\d+(?:\+[\w.-]{1,60})?)\0/.exec(text) : null;
  if (ipxe !== null) return `iPXE ${ipxe[1]}`;
  const sbat = [...text.matchAll(SBAT)].at(-1);
  if (sbat !== undefined) return `${sbat[1] === 'grub' ? 'GRUB' : 'shim'} ${sbat[2]}`;
  return SYSLINUX.exec(text)?.[0].replace('/', ' ');
}

function readPe(bytes: Uint8Array): Pick<Executable, 'cpu' | 'signers'> | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = u16(view, 0) === 0x5a4d ? u32(view, 0x3c) : undefined;
  if (at === undefined || u32(view, at) !== 0x4550) return undefined;
  const machine = u16(view, at + 4) ?? 0;
  const cpu = MACHINES.get(machine) ?? `machine 0x${machine.toString(16)}`;
  // The directories follow the optional header's fixed part, which is longer in PE32+.
  const directories = at + 24 + (u16(view, at + 24) === 0x20b ? 112 : 96);
  const table = u32(view, directories + 4 * 8) ?? 0;
  const size = u32(view, directories + 4 * 8 + 4) ?? 0;
  return { cpu, signers: signersIn(bytes.subarray(table, table + size)) };
}

/** WIN_CERTIFICATE entries, each on a multiple of eight (PE Format, "The Attribute Certificate Table"). */
function signersIn(table: Uint8Array): readonly string[] {
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  const names: string[] = [];
  for (let at = 0; ; ) {
    const length = u32(view, at);
    if (length === undefined || length < 8 || at + length > table.length) return [...new Set(names)];
    const PKCS7 = 2;
    if (u16(view, at + 6) === PKCS7) names.push(...issuersOf(table.subarray(at + 8, at + length)));
    at += (length + 7) & ~7;
  }
}

const SEQUENCE = 0x30;
const SET = 0x31;
const OBJECT_ID = 0x06;
/** id-at-commonName, 2.5.4.3 */
const COMMON_NAME = '550403';

/** Of each SignerInfo (RFC 5652 §5.3), the common name of who issued its certificate. */
function issuersOf(pkcs7: Uint8Array): readonly string[] {
  const [content] = children(pkcs7);
  const [, explicit] = children(content?.value);
  const [signed] = children(explicit?.value);
  const infos = children(signed?.value).findLast(({ tag }) => tag === SET);
  return children(infos?.value).flatMap(({ value }) => {
    const issuerAndSerial = children(value).find(({ tag }) => tag === SEQUENCE);
    const [issuer] = children(issuerAndSerial?.value);
    return children(issuer?.value).flatMap((relative) => commonName(relative.value));
  });
}

function commonName(relative: Uint8Array): readonly string[] {
  return children(relative).flatMap(({ value }) => {
    const [type, name] = children(value);
    const isName = type?.tag === OBJECT_ID && Buffer.from(type.value).toString('hex') === COMMON_NAME;
    return isName && name !== undefined ? [latin1(name.value).replace(/[^\x20-\x7e]/g, '')] : [];
  });
}

type Element = { readonly tag: number; readonly value: Uint8Array };

/** The DER elements of a value; those that are cut off are left out. */
function children(value: Uint8Array | undefined): readonly Element[] {
  const found: Element[] = [];
  if (value === undefined) return found;
  let at = 0;
  while (at + 2 <= value.length) {
    const tag = value[at]!;
    const first = value[at + 1]!;
    const more = first < 0x80 ? 0 : first & 0x7f;
    if (more > 4) return found;
    let length = first < 0x80 ? first : 0;
    for (let i = 0; i < more; i++) length = length * 256 + (value[at + 2 + i] ?? 0);
    const start = at + 2 + more;
    if (start + length > value.length) return found;
    found.push({ tag, value: value.subarray(start, start + length) });
    at = start + length;
  }
  return found;
}

function u16(view: DataView, at: number): number | undefined {
  return at + 2 <= view.byteLength ? view.getUint16(at, true) : undefined;
}

function u32(view: DataView, at: number): number | undefined {
  return at >= 0 && at + 4 <= view.byteLength ? view.getUint32(at, true) : undefined;
}
