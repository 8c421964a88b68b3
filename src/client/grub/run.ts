/** GRUB 2 on UEFI as far as a boot without a person goes: shim, the configuration, the entry that is booted. */

import { BootFailure } from '../failure.ts';
import { KEEP_MAGIC } from '../fetched.ts';
import { isEfi } from '../image.ts';
import type { Machine } from '../machine.ts';
import type { Next, Program } from '../stages.ts';
import { Grub } from './grub.ts';
import { grubConfigNames } from './search.ts';

/** What shim is called, and with it the GRUB that it looks for beside itself. */
const SHIM = /^(?:shim|boot)(x64|aa64|ia32|arm|riscv64|loongarch64)?[^/]*$/i;

/** The GRUB that Debian signs has no module for HTTP, and this place built in. */
const SIGNED_CONFIG = '/grub/grub.cfg';

export async function runGrub(machine: Machine, program: Program): Promise<Next> {
  const directory = program.file.url.slice(0, program.file.url.lastIndexOf('/') + 1);
  const shim = SHIM.exec(program.name.split('/').at(-1)!);
  if (shim !== null) await startByShim(machine, `${directory}grub${shim[1] ?? 'x64'}.efi`);
  const grub = new Grub(machine, directory, shim === null);
  const urls = shim === null ? besides(machine, directory) : [new URL(SIGNED_CONFIG, directory).href];
  const file = await grub.search(urls);
  if (file === undefined) throw new BootFailure('config-missing', `there is no ${urls.at(-1)}`);
  return grub.boot(new TextDecoder().decode(file.head));
}

function besides(machine: Machine, directory: string): readonly string[] {
  const { uuid, mac } = machine.options;
  return grubConfigNames(uuid, mac, machine.lease?.ip ?? 0).map((name) => directory + name);
}

async function startByShim(machine: Machine, url: string): Promise<void> {
  const { firmware, starts } = machine.options.persona;
  const { head, bytes } = await machine.fetch(firmware, url, KEEP_MAGIC, starts === 'http');
  if (!isEfi(head)) throw new BootFailure('not-executable', `${url}, which shim wants, is no EFI program`);
  machine.tell({ kind: 'loader', text: `shim runs ${url}`, url, bytes });
}
