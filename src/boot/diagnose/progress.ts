/** How far a boot has come, what should come next, and how long that may take. */

import { baseName, isBootStage, isInitrd, isKernel, isLoader, isSentToDisk, isWhole } from './steps.ts';
import type { SeenStep } from './types.ts';

export const STAGES = [
  {
    name: 'nothing',
    worked: undefined,
    expected: 'the machine asks for an address (DHCP) to boot from the network',
    silence: 0,
  },
  {
    name: 'asked',
    worked: 'the machine asked for an address (DHCP)',
    expected: 'it is offered an address, or the name of a boot file',
    // iPXE gives up on a card after 16 s, and asks again at the next.
    silence: 20_000,
  },
  {
    name: 'offered',
    worked: 'the machine was made an offer ({what})',
    expected: 'it takes the offer (REQUEST), or fetches the file that it was named',
    // OVMF takes 3.7 s, iPXE 3 s; a ROM that got nothing it likes goes on for a minute.
    silence: 20_000,
  },
  {
    name: 'acknowledged',
    worked: 'the machine took its address {address}',
    expected: 'it fetches {what}',
    // iPXE waits 13 s for an IPv6 router.
    silence: 30_000,
  },
  {
    name: 'loader',
    worked: 'the loader {what} was fetched whole',
    expected: 'it starts, and asks for an address or its configuration',
    silence: 30_000,
  },
  {
    name: 'script',
    worked: 'the script or menu {what} was fetched',
    expected: 'the kernel is fetched',
    silence: 30_000,
  },
  {
    name: 'kernel',
    worked: 'the kernel {what} was fetched whole',
    expected: 'the initrd is fetched',
    silence: 60_000,
  },
  {
    name: 'initrd',
    worked: 'kernel and initrd were fetched whole ({what})',
    expected: 'the installer starts and fetches its answers',
    // It unpacks the initrd, finds its drivers, waits for the link and asks DHCP.
    silence: 300_000,
  },
  {
    name: 'answers',
    worked: 'the installer fetched its answers ({what})',
    expected: 'the installation ends, and the installer reports built',
    silence: 3_600_000,
  },
  {
    name: 'disk',
    worked: 'the machine was sent to its own disk ({what})',
    expected: 'it boots the system that is installed there',
    silence: 0,
  },
  {
    name: 'ended',
    worked: 'the installer reported its end',
    expected: 'the machine boots from its own disk',
    silence: 0,
  },
] as const;

export type StageName = (typeof STAGES)[number]['name'];
export type Stage = (typeof STAGES)[number];

const RANK = new Map<StageName, number>(STAGES.map(({ name }, rank) => [name, rank]));

export function rankOf(name: StageName): number {
  return RANK.get(name)!;
}

/** What a step by itself shows. */
export function stageOf(step: SeenStep): StageName {
  const { kind, because } = step;
  if (isSentToDisk(step)) return 'disk';
  switch (kind) {
    case 'http.built':
    case 'http.failed':
      return 'ended';
    case 'http.answers':
      return isConfig(step) ? 'script' : 'answers';
    case 'http.progress':
      return 'answers';
    case 'http.script':
      return because.code === 'script-error' ? 'nothing' : 'script';
    case 'http.beacon':
      return step.what !== undefined && /boot$/.test(step.what) ? 'initrd' : 'script';
    case 'dhcp.offer':
      return isBootStage(step) ? 'offered' : 'nothing';
    case 'dhcp.ack':
      return isBootStage(step) ? 'acknowledged' : 'nothing';
    case 'dhcp.ignore':
      return isBootStage(step) ? 'asked' : 'nothing';
    default:
      return isWhole(step) ? stageOfFile(step) : 'nothing';
  }
}

/** A menu of PXELINUX or GRUB, rendered for the machine. */
function isConfig({ what = '' }: SeenStep): boolean {
  return /^\/unattended\/PXE|pxelinux\.cfg|grub\.cfg/i.test(what);
}

function stageOfFile(step: SeenStep): StageName {
  if (isConfig(step)) return 'script';
  if (isInitrd(step)) return 'initrd';
  if (isKernel(step)) return 'kernel';
  return isLoader(step) ? 'loader' : 'nothing';
}

export type Progress = { readonly stage: Stage; readonly step: SeenStep | undefined };

/** The furthest that was reached, and the step that reached it (the last that did). */
export function progressOf(steps: readonly SeenStep[]): Progress {
  let [furthest, by]: [StageName, SeenStep | undefined] = ['nothing', undefined];
  for (const step of steps) {
    const name = stageOf(step);
    if (name === 'nothing' || rankOf(name) < rankOf(furthest)) continue;
    [furthest, by] = [name, step];
  }
  return { stage: STAGES[rankOf(furthest)]!, step: by };
}

/** Values of the sentences of a stage. */
export function stageValues({ step }: Progress): Readonly<Record<string, string | undefined>> {
  const what = step?.what;
  return {
    what: what === undefined ? 'nothing by name' : /^\w+:/.test(what) ? what : baseName(what) || what,
    address: step?.address,
  };
}
