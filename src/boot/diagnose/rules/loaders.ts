/** Which loader a machine gets, whether it is there, and whether it starts. */

import { archNamed } from '../../../net/arch.ts';
import { driverOfFile } from '../../drivers.ts';
import { becauseOf, either, found, lackOf, seen, silence } from '../rule.ts';
import {
  archOf,
  baseName,
  GRUB,
  isError,
  isOptional,
  isWhole,
  LOADER,
  last,
  refusedWith,
  SHIM,
  silentProgram,
} from '../steps.ts';
import type { Match, Rule, SeenStep, Sight } from '../types.ts';

/** iPXE asks DHCP within five seconds of its start on an emulated machine, GRUB for its lists within one. */
const START_MS = 15_000;

function lacking(...codes: readonly string[]): Rule['match'] {
  return (sight) => {
    const match = lackOf(sight, ...codes);
    return match && { ...match, values: { what: String(match.values.sentence), ...match.values } };
  };
}

function missingLoader({ steps }: Sight): Match | undefined {
  const isMissing = (step: SeenStep) =>
    refusedWith(step) === 'FILE_NOT_FOUND' &&
    LOADER.test(step.what ?? '') &&
    !isOptional(step) &&
    !isGrubOfShim(steps, step);
  return found(last(steps, isMissing));
}

function isGrubOfShim(steps: readonly SeenStep[], { what = '' }: SeenStep): boolean {
  return GRUB.test(what) && steps.some((step) => isWhole(step) && SHIM.test(step.what ?? ''));
}

type Made = { readonly firmware: 'bios' | 'uefi'; readonly cpu?: 'arm64' | 'x86' };

/** What a loader is made for, by its name. */
function madeFor(file: string): Made | undefined {
  const name = baseName(file).toLowerCase();
  if (/\.(0|k?k?pxe|c32|lkrn)$/.test(name)) return { firmware: 'bios', cpu: 'x86' };
  if (!name.endsWith('.efi')) return undefined;
  if (/(aa64|arm64)/.test(file.toLowerCase())) return { firmware: 'uefi', cpu: 'arm64' };
  return /(x64|x86_64|ia32|i386)/.test(file.toLowerCase())
    ? { firmware: 'uefi', cpu: 'x86' }
    : { firmware: 'uefi' };
}

function wrongArchitecture(sight: Sight): Match | undefined {
  const step = silentProgram(sight) ?? last(sight.steps, ({ kind }) => kind === 'dhcp.ack');
  const arch = archNamed(archOf(sight.steps));
  const made = step?.what === undefined ? undefined : madeFor(step.what);
  if (step === undefined || arch === undefined || made === undefined || step !== sight.steps.at(-1))
    return undefined;
  const isArm = /arm/i.test(arch.name);
  const fits =
    made.firmware === arch.firmware && (made.cpu === undefined || (made.cpu === 'arm64') === isArm);
  return fits ? undefined : found(step, { arch: arch.name });
}

function silentGrub(via: 'http' | 'tftp'): Rule['match'] {
  return (sight) => {
    const step = silentProgram(sight);
    if (step === undefined || !GRUB.test(step.what ?? '') || (step.via === 'http') !== (via === 'http'))
      return undefined;
    const shim = sight.steps.find((one) => isWhole(one) && SHIM.test(one.what ?? ''));
    return shim === undefined && via === 'tftp' ? undefined : found(step, { shim: shim?.what ?? 'none' });
  };
}

/** Fetched in this boot or the one before, and never asked as iPXE. */
function silentIpxe(sight: Sight): Match | undefined {
  const step = silentProgram(sight);
  if (step === undefined || driverOfFile(step.what ?? '') === undefined) return undefined;
  const arch = archNamed(archOf(sight.steps));
  const isTriedBoth = sight.steps.some(({ because }) => because.code === 'loader-driver-other');
  return arch?.firmware === 'bios' || /\.(k?k?pxe|0|lkrn)$/.test(step.what ?? '') || isTriedBoth
    ? found(step)
    : undefined;
}

export const LOADERS: readonly Rule[] = [
  seen(
    {
      code: 'loader-missing',
      symptom: 'the loader is in none of the loader directories',
      cause: 'the loader is not there: {what}',
      fix: 'install it (Debian: apt install ipxe pxelinux shim-signed grub-efi-amd64-signed), or add its directory to loaders.directories; chainboot check lists what is missing',
      source: 'FILE_NOT_FOUND',
    },
    either(missingLoader, lacking('loader-missing')),
  ),
  seen(
    {
      code: 'stopped-without-grub',
      symptom: 'shim asks for a GRUB that is not there',
      cause: 'shim ({shim}) asked for {what}, which is not there',
      fix: 'put the signed GRUB of the same distribution beside it (Debian: apt install grub-efi-amd64-signed)',
      source: 'shim 15.7: the second stage is looked for beside shim',
    },
    ({ steps }) => {
      const miss = last(steps, (step) => isError(step) && isGrubOfShim(steps, step) && !isOptional(step));
      const shim = steps.find((step) => isWhole(step) && SHIM.test(step.what ?? ''));
      return found(miss, { shim: shim?.what });
    },
  ),
  seen(
    {
      code: 'no-loader-for-architecture',
      symptom: 'there is no loader for the architecture of the machine',
      cause: 'there is no loader for {arch}',
      fix: 'fetch one (chainboot firmware), or set a PXE loader of the host that its architecture can run',
      source: 'RFC 4578, 2.1 (option 93)',
    },
    either(becauseOf('no-loader-for-arch'), lacking('loader-unknown')),
  ),
  seen(
    {
      code: 'loader-none',
      symptom: 'the host is set to boot without a loader',
      cause: '{host} is set to the PXE loader None, so it is not booted from the network',
      fix: 'set another PXE loader, or none at all to have one chosen for the firmware that asks',
      source: 'no-loader',
    },
    either(becauseOf('loader-none'), lacking('no-loader')),
  ),
  silence(
    {
      code: 'loader-wrong-architecture',
      symptom: 'a loader is fetched that is made for another firmware or processor',
      cause: '{what} is not made for a {arch} machine, so its firmware does not start it',
      fix: 'set a PXE loader that suits the firmware, or none; beside another DHCP server let that choose by option 93 (chainboot dhcp-config)',
      source: 'RFC 4578, 2.1 (option 93); UEFI 2.10, 3.5.1.1',
    },
    START_MS,
    wrongArchitecture,
  ),
  silence(
    {
      code: 'stopped-at-grub-http',
      symptom: 'GRUB came by HTTP and then asks for nothing',
      cause:
        'GRUB ({what}) came by HTTP and then asked for nothing: it may have no module for HTTP, as the one that Debian 12 signs, or shim refused its signature',
      fix: 'let such machines boot by PXE (TFTP), or use a GRUB with the module http',
      source: 'grub-efi-amd64-signed of Debian 12 on OVMF 2022.11',
    },
    START_MS,
    silentGrub('http'),
  ),
  silence(
    {
      code: 'stopped-at-grub',
      symptom: 'shim fetches GRUB, which then asks for nothing',
      cause:
        'shim ({shim}) fetched {what}, which then asked for nothing: with Secure Boot on, shim starts only a GRUB with the signature of its own distribution, and shows an error on the screen',
      fix: 'take shim and GRUB from the same distribution and release',
      source: 'shim 15.7 on OVMF 2022.11 with Secure Boot',
    },
    START_MS,
    silentGrub('tftp'),
  ),
  silence(
    {
      code: 'ipxe-without-driver',
      symptom: 'an iPXE is fetched whole and never asks for an address',
      cause:
        '{what} was fetched whole and never asked for an address: it has no driver that brings the link of this card up',
      fix: "let it use the other driver (ipxe_driver of the host or subnet: rom uses the card's own, undionly.kpxe or snponly.efi)",
      source: 'iPXE: undionly and snponly use the driver of the ROM; docs/why.md',
    },
    START_MS,
    silentIpxe,
  ),
  silence(
    {
      code: 'stopped-at-loader',
      symptom: 'a loader is fetched whole and then asks for nothing',
      cause:
        '{what} was fetched whole and then asked for nothing: with Secure Boot on, the firmware starts only what Microsoft has signed, which is a shim and no iPXE of a distribution',
      fix: 'set the loader Grub2 UEFI SecureBoot, or turn Secure Boot off in the firmware',
      source: 'OVMF 2022.11 with Secure Boot; UEFI 2.10, 32.5',
    },
    START_MS,
    (sight) => found(silentProgram(sight)),
  ),
];
