/** What firmware makes of an image it is told to run. */

import { BootFailure } from '../failure.ts';
import { firstLine, imageKind, isBzImage, isEfi, looksLikeText } from '../image.ts';
import { final, type Image, type RunResult } from './machine.ts';
import type { Ipxe } from './run.ts';

/**
 * Runs an image as the firmware would. Throws a BootFailure for what it cannot run.
 *
 * A script is not among the images while it runs, but is again afterwards, unless it was fetched with
 * `--autofree`: a BIOS iPXE then hands it to the kernel as one more initrd (seen: a script chained in vain, then
 * `kernel`, `initrd`, `boot`; Linux said "Initramfs unpacking failed: invalid magic").
 */
export async function execute(ipxe: Ipxe, image: Image, autofree: boolean): Promise<RunResult> {
  const isScript = imageKind(image.file.head) === 'script';
  if (isScript) ipxe.images.delete(image.name);
  try {
    return await executeImage(ipxe, image);
  } finally {
    if (autofree) ipxe.images.delete(image.name);
    else if (isScript) ipxe.images.set(image.name, image);
  }
}

async function executeImage(ipxe: Ipxe, image: Image): Promise<RunResult> {
  const { head, url } = image.file;
  const kind = imageKind(head);
  if (kind === 'empty') throw new BootFailure('not-executable', `${url} is empty`);
  if (kind === 'script') return ipxe.runText(url, new TextDecoder().decode(head));
  const initrds = [...ipxe.images.values()].filter((other) => other !== image);
  // ipxe.lkrn has the header of a Linux kernel, and its command line is a line of iPXE commands.
  if (/^ipxe[^/]*\.lkrn$/.test(image.name)) return final({ kind: 'program', image });
  if (ipxe.world.platform === 'efi') return executeEfi(image, initrds);
  if (kind === 'bzimage') return final({ kind: 'kernel', kernel: image, initrds });
  if (kind === 'efi') {
    throw new BootFailure(
      'machine-code',
      `${url} is an EFI program: a BIOS machine runs it as machine code and hangs`,
    );
  }
  if (looksLikeText(head)) {
    throw new BootFailure(
      'machine-code',
      `${url} is text without "#!ipxe" ("${firstLine(head)}"): a BIOS machine runs it as machine code and hangs`,
    );
  }
  if (initrds.length > 0) {
    throw new BootFailure(
      'kernel-format',
      `${url} is no Linux kernel (no HdrS at 0x202), but it was given initrds`,
    );
  }
  return final({ kind: 'program', image });
}

function executeEfi(image: Image, initrds: readonly Image[]): RunResult {
  const { head, url } = image.file;
  if (!isEfi(head)) {
    throw new BootFailure('not-executable', `${url} is no EFI program: Exec format error (2e008081)`);
  }
  const isKernel = isBzImage(head) || initrds.length > 0 || image.args !== '';
  return final(isKernel ? { kind: 'kernel', kernel: image, initrds } : { kind: 'program', image });
}
