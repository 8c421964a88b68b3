/** Which operating system a distro is: by breed and version as Cobbler's signatures have them, and by its name. */

import type { OsFamily } from '../../inventory/types.ts';

export type System = {
  readonly name: string;
  readonly major: string;
  readonly minor: string;
  readonly family: OsFamily;
  readonly release_name?: string;
};

const DEBIAN: Readonly<Record<string, string>> = {
  squeeze: '6',
  wheezy: '7',
  jessie: '8',
  stretch: '9',
  buster: '10',
  bullseye: '11',
  bookworm: '12',
  trixie: '13',
  forky: '14',
};

const UBUNTU: Readonly<Record<string, string>> = {
  precise: '12.04',
  trusty: '14.04',
  xenial: '16.04',
  bionic: '18.04',
  focal: '20.04',
  jammy: '22.04',
  kinetic: '22.10',
  lunar: '23.04',
  mantic: '23.10',
  noble: '24.04',
  oracular: '24.10',
  plucky: '25.04',
  questing: '25.10',
  resolute: '26.04',
};

/** By how versions and names of distros begin. */
const PRODUCTS: readonly (readonly [pattern: RegExp, name: string, family: OsFamily])[] = [
  [/^(rhel|redhat)/, 'RedHat', 'Redhat'],
  [/^centos/, 'CentOS', 'Redhat'],
  [/^rocky/, 'Rocky', 'Redhat'],
  [/^alma/, 'AlmaLinux', 'Redhat'],
  [/^fedora/, 'Fedora', 'Redhat'],
  [/^(ol|oracle)/, 'OracleLinux', 'Redhat'],
  [/^scientific/, 'Scientific', 'Redhat'],
  [/^(sles|sle)/, 'SLES', 'Suse'],
  [/^opensuse/, 'openSUSE', 'Suse'],
];

/** Undefined where nobody can tell. @param distro name that somebody gave it, such as `rocky-9.4-x86_64` */
export function systemOf(breed: string, version: string, distro: string): System | undefined {
  const [wanted, called] = [version.toLowerCase(), distro.toLowerCase()];
  if (breed === 'debian') return codenamed('Debian', DEBIAN, wanted, called);
  if (breed === 'ubuntu') return codenamed('Ubuntu', UBUNTU, wanted, called);
  if (breed === 'freebsd') return numbered('FreeBSD', 'Freebsd', wanted);
  if (breed === 'windows') return numbered('Windows', 'Windows', wanted.replace(/^win/, '').toUpperCase());
  if (breed !== 'redhat' && breed !== 'suse') return undefined;
  const byVersion = productOf(wanted);
  const byName = productOf(called);
  // Cobbler calls clones of Red Hat after it; the name that somebody gave tells which it is.
  const isSame = byName?.family === byVersion?.family && byName?.major === byVersion?.major;
  return (isSame ? byName : undefined) ?? byVersion ?? byName;
}

function codenamed(
  name: string,
  versions: Readonly<Record<string, string>>,
  version: string,
  called: string,
): System | undefined {
  const codename = Object.keys(versions).find((each) => version === each || called.includes(each));
  const number = codename === undefined ? /\d+(\.\d+)?/.exec(version)?.[0] : versions[codename];
  const found = number === undefined ? undefined : numbered(name, 'Debian', number);
  return found === undefined || codename === undefined ? found : { ...found, release_name: codename };
}

function numbered(name: string, family: OsFamily, version: string): System | undefined {
  const [major = '', minor = ''] = version.split('.');
  return major === '' ? undefined : { name, major, minor, family };
}

/** `rhel9`, `rocky-9.4-x86_64`, `sles15sp4`, `opensuse15.5`. */
function productOf(text: string): System | undefined {
  const product = PRODUCTS.find(([pattern]) => pattern.test(text));
  if (product === undefined) return undefined;
  const [, major, minor, pack] = /^[a-z_-]*?(\d+)(?:\.(\d+))?(?:-?sp(\d+))?/.exec(text) ?? [];
  if (major === undefined) return undefined;
  return { name: product[1], major, minor: minor ?? pack ?? '', family: product[2] };
}
