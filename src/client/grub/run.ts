/** GRUB 2 on UEFI as far as a boot without a person goes: shim, the configuration, the entry that is booted. */

import { BootFailure } from '../failure.ts';
import { KEEP_MAGIC, KEEP_SCRIPT } from '../fetched.ts';
import { isEfi } from '../image.ts';
import type { Machine } from '../machine.ts';
import type { Next, Program } from '../stages.ts';
import { Grub } from './grub.ts';
import { grubConfigNames } from './search.ts';

/** What shim is called, and with it the GRUB that it looks for beside itself. */
const SHIM = /^(?:shim|boot)(x64|aa64|ia32|arm|riscv64|loongarch64)?[^/]*$/i;

export async function runGrub(machine: Machine, program: Program): Promise<Next> {
  const directory = program.file.url.slice(0, program.file.url.lastIndexOf('/') + 1);
  const shim = SHIM.exec(program.name.split('/').at(-1)!);
  if (shim !== null) await startByShim(machine, `${directory}grub${shim[1] ?? 'x64'}.efi`);
  // What distributions sign has no module for HTTP (Debian 12), unless it came by HTTP itself.
  const web = shim === null || directory.startsWith('http:');
  const grub = new Grub(machine, directory, web);
  return grub.boot(await configuration(machine, grub, directory));
}

async function startByShim(machine: Machine, url: string): Promise<void> {
  const { firmware, starts } = machine.options.persona;
  const { head, bytes } = await machine.fetch(firmware, url, KEEP_MAGIC, starts === 'http');
  if (!isEfi(head)) throw new BootFailure('not-executable', `${url}, which shim wants, is no EFI program`);
  machine.tell({ kind: 'loader', text: `shim runs ${url}`, url, bytes });
}

/** A name that is not there leads to the next; a server that does not answer ends the search. */
async function configuration(machine: Machine, grub: Grub, directory: string): Promise<string> {
  const { uuid, mac } = machine.options;
  for (const name of grubConfigNames(uuid, mac, machine.lease?.ip ?? 0)) {
    const file = await grub.tryFetch(directory + name, KEEP_SCRIPT);
    if (file !== undefined) return new TextDecoder().decode(file.head);
  }
  throw new BootFailure('config-missing', `there is no grub.cfg in ${directory}`);
}
