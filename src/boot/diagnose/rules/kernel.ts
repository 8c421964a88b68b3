/** Kernel and initrd: fetched in part, missing, too much for the memory, or in panic. */

import { either, found, lackOf, lineOf, seen, silence } from '../rule.ts';
import { after, isInitrd, isKernel, isWhole, last, linesOf, refusedWith } from '../steps.ts';
import type { Match, Rule, SeenStep, Sight } from '../types.ts';

/** Aborted before its last byte, and not fetched whole afterwards. */
function cutShort(is: (step: SeenStep) => boolean): Rule['match'] {
  return (sight) => {
    const step = last(sight.steps, (one) => is(one) && isCut(one));
    if (step === undefined || after(sight, step).some((one) => is(one) && isWhole(one))) return undefined;
    return found(step, { bytes: step.bytes, size: sizeOf(step) });
  };
}

function isCut({ kind, because, detail }: SeenStep): boolean {
  if (kind === 'http.file' || kind === 'http.error') return detail?.aborted === true;
  return kind === 'tftp.error' && /^transfer-(aborted|timeout|failed|restarted)$/.test(because.code);
}

function sizeOf({ because, detail }: SeenStep): string | number {
  return because.size ?? (typeof detail?.size === 'number' ? detail.size : 'its');
}

function missing({ steps }: Sight): Match | undefined {
  const isMissing = (step: SeenStep) =>
    ['FILE_NOT_FOUND', 'BOOT_FILE_ELSEWHERE'].includes(refusedWith(step) ?? '') &&
    (isKernel(step) || isInitrd(step));
  return found(last(steps, isMissing));
}

function kernelAlone(sight: Sight): Match | undefined {
  const kernel = last(sight.steps, (step) => isKernel(step) && isWhole(step));
  if (kernel === undefined || sight.steps.some(isInitrd)) return undefined;
  return after(sight, kernel).length === 0 ? found(kernel) : undefined;
}

const PANIC = /kernel panic|unable to mount root fs|attempted to kill init/i;
const MEMORY =
  /out of memory|cannot allocate memory|could not allocate|not enough (memory|space)|no space left on device|initramfs unpacking failed|0x7f048289|insufficient memory/i;

export const KERNEL_RULES: readonly Rule[] = [
  seen(
    {
      code: 'ram-too-small',
      symptom: 'the kernel, iPXE or the installer runs out of memory',
      cause: 'the memory of the machine is too small for what it loads: {text}',
      fix: 'give it more memory: at least 1 GB for Debian, 2 GB for installers that load a live system, 4 GB for Ubuntu and recent RHEL',
      source: 'OVMF with 256 MB cannot unpack the initrd of Debian 12; with 384 MB it can',
    },
    (sight) => {
      const lines = linesOf(sight);
      return lines.some(({ text }) => MEMORY.test(text)) ? lineOf(MEMORY)(sight) : undefined;
    },
  ),
  seen(
    {
      code: 'kernel-panic',
      symptom: 'the kernel reports a panic',
      cause: 'the kernel stopped with a panic: {text}',
      fix: 'most often the initrd is not the one of this kernel, or the memory is too small; fetch both anew from one release of the medium',
      source: 'Documentation/admin-guide/bug-hunting of Linux',
    },
    lineOf(PANIC),
  ),
  seen(
    {
      code: 'initrd-cut-short',
      symptom: 'the initrd is not fetched to its end',
      cause:
        'the machine stopped fetching {what} after {bytes} of {size} bytes: the memory is too small for it, or the connection broke',
      fix: 'give the machine more memory (512 MB for UEFI and more for live systems); if it has enough, look at the line and at the screen of the machine',
      source: 'iPXE keeps the initrd in memory; UEFI needs 384 MB for that of Debian 12',
    },
    cutShort(isInitrd),
  ),
  seen(
    {
      code: 'kernel-cut-short',
      symptom: 'the kernel is not fetched to its end',
      cause:
        'the machine stopped fetching the kernel {what} after {bytes} of {size} bytes: the connection broke, or it had no room for it',
      fix: 'look at the screen of the machine, its line and its memory',
      source: 'docs/why.md',
    },
    cutShort(isKernel),
  ),
  seen(
    {
      code: 'medium-file-missing',
      symptom: 'the medium does not have the kernel or initrd that is asked for',
      cause: 'a file of the installer is not on the medium: {what}',
      fix: 'put the installer files there, or mend path and release of the medium; chainboot host build says what is looked for',
      source: 'FILE_NOT_FOUND, BOOT_FILE_ELSEWHERE',
    },
    either(missing, (sight) => {
      const match = lackOf(sight, 'file-missing');
      return match && { ...match, values: { ...match.values, what: String(match.values.sentence) } };
    }),
  ),
  silence(
    {
      code: 'kernel-without-initrd',
      symptom: 'the kernel was fetched whole, and no initrd was asked for',
      cause:
        'the kernel {what} was fetched whole, and its initrd never asked for: the script or menu names none, or the machine stopped in between',
      fix: 'look at the rendered script (chainboot template render) for its initrd line, and at the screen of the machine',
      source: 'docs/why.md',
    },
    60_000,
    kernelAlone,
  ),
];
