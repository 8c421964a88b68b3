/** What rules ask of the steps of a boot. */

import { driverOfFile } from '../drivers.ts';
import type { SeenStep, Sight } from './types.ts';

export const LOADER = /\.(0|k?k?pxe|efi|lkrn|c32)$/i;
export const KERNEL = /(^|\/)(linux|vmlinuz|bzimage|kernel|linux26)([-.][\w.-]*)?$/i;
export const INITRD = /(^|\/)(initrd|initramfs)[\w.-]*$/i;
export const SHIM = /(^|\/)(shim|bootx64|bootaa64|bootnet)[^/]*\.efi$/i;
export const GRUB = /(^|\/)grub[^/]*\.efi$/i;

/** Looked for and seldom there: iPXE's autoexec, the configurations of PXELINUX and GRUB, GRUB's lists, shim's revocations and certificates. */
const OPTIONAL =
  /autoexec\.ipxe$|pxelinux\.cfg\/|grub\.cfg|\.(lst|mod)$|(revocations|shim_certificate)[^/]*\.efi$|boot\.cfg$|unattend\.xml$|bcd$/i;

export function isOptional({ what = '' }: SeenStep): boolean {
  return OPTIONAL.test(what);
}

/** A file to its last byte; UEFI asks for the size before it asks for a file. */
export function isWhole({ kind, because: { code }, detail }: SeenStep): boolean {
  if (kind === 'http.file') return detail?.aborted !== true && !(Number(detail?.status ?? 200) >= 400);
  return kind === 'tftp.file' && code === 'transfer-complete';
}

/** By its script, or by the configuration that PXELINUX or GRUB fetched by TFTP. */
export function isSentToDisk(step: SeenStep): boolean {
  return step.because.code === 'script-local' || (isWhole(step) && step.detail?.served === 'script-local');
}

export function isError({ kind }: SeenStep): boolean {
  return kind === 'tftp.error' || kind === 'http.error';
}

export function isOffer({ kind }: SeenStep): boolean {
  return kind === 'dhcp.offer';
}

/** Asks for something to boot, as opposed to an installer or a system that only wants an address. */
export function isBootStage({ stage }: SeenStep): boolean {
  return stage !== 'os' && stage !== 'installer';
}

export function isKernel({ what = '' }: SeenStep): boolean {
  return KERNEL.test(what);
}

export function isInitrd({ what = '' }: SeenStep): boolean {
  return INITRD.test(what);
}

export function isLoader({ what = '' }: SeenStep): boolean {
  return LOADER.test(what);
}

export function last(steps: readonly SeenStep[], is: (step: SeenStep) => boolean): SeenStep | undefined {
  return steps.findLast(is);
}

/** Steps behind a step. */
export function after({ steps }: Sight, step: SeenStep | undefined): readonly SeenStep[] {
  return step === undefined ? steps : steps.slice(steps.indexOf(step) + 1);
}

/** How long nothing has been heard of the machine, in milliseconds. */
export function silentFor({ steps, now }: Sight): number {
  const latest = steps.at(-1);
  return latest === undefined ? Number.POSITIVE_INFINITY : now - latest.at;
}

/** Code of the catalogue that a request was refused with. */
export function refusedWith({ kind, detail }: SeenStep): string | undefined {
  if (kind === 'http.error') return text(detail?.error);
  return kind === 'tftp.error' ? text(detail?.code) : undefined;
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function archOf(steps: readonly SeenStep[]): string | undefined {
  return steps.find(({ arch }) => arch !== undefined)?.arch;
}

/** The last program that was fetched, when nothing was asked for behind it. */
export function silentProgram({ steps }: Sight): SeenStep | undefined {
  const latest = steps.at(-1);
  return latest !== undefined && isWhole(latest) && /\.(efi|k?k?pxe|0|lkrn)$/i.test(latest.what ?? '')
    ? latest
    : undefined;
}

export function isIpxeFile({ what = '' }: SeenStep): boolean {
  return driverOfFile(what) !== undefined;
}

/** Lines that the machine wrote, where it sends them to our syslog receiver, and what its installer reported. */
export function linesOf({ steps }: Sight): readonly { readonly step: SeenStep; readonly text: string }[] {
  return steps.flatMap((step) => {
    const line = text(step.detail?.text) ?? text(step.detail?.message);
    return line === undefined || !(step.kind === 'syslog.line' || step.kind === 'http.progress')
      ? []
      : [{ step, text: line }];
  });
}

/** A URL or a path without what stands before its name. */
export function baseName(what = ''): string {
  return what.replace(/[?#].*$/, '').replace(/^.*\//, '');
}
