/** Machines that come again and again: by their loader, their installation, their script, their disk. */

import { becauseOf, either, found, seen } from '../rule.ts';
import { isIpxeFile, isSentToDisk, isWhole, last } from '../steps.ts';
import type { Match, Rule, SeenStep, Sight } from '../types.ts';

const TIMES = 3;
/** Boots that lie further apart are no loop. */
const WITHIN_MS = 30 * 60_000;

/** Newest first, this one included. */
function recent({ steps, earlier, now }: Sight): readonly (readonly SeenStep[])[] {
  const isRecent = (boot: readonly SeenStep[]) => now - (boot[0]?.at ?? 0) < TIMES * WITHIN_MS;
  return [steps, ...earlier.filter(isRecent)];
}

/** The same in this boot and those right before it; one that did not do it ends the row. */
function rowOf(sight: Sight, is: (step: SeenStep) => boolean): readonly SeenStep[] {
  const row: SeenStep[] = [];
  for (const boot of recent(sight)) {
    const step = last(boot, is);
    if (step === undefined) break;
    row.push(step);
  }
  return row;
}

/** Loaders within one boot, without a script behind them, or in boot after boot. */
function loaderAgain(sight: Sight): Match | undefined {
  const isLoader = (step: SeenStep) => isWhole(step) && isIpxeFile(step);
  const reached = (boot: readonly SeenStep[]) => boot.some(({ kind }) => kind === 'http.script');
  const boots = recent(sight);
  const until = boots.findIndex(reached);
  const loaders = (until === -1 ? boots : boots.slice(0, until)).flatMap((boot) => boot.filter(isLoader));
  const isSame = loaders.every(({ what }) => what === loaders[0]?.what);
  return loaders.length < TIMES || !isSame
    ? undefined
    : found(loaders.at(-1), { count: loaders.length, file: loaders[0]?.what }, loaders[0]!);
}

/** A held machine without iPXE: PXELINUX or GRUB fetched a configuration that says so. */
function heldFor(...loops: readonly string[]): Rule['match'] {
  return (sight) => {
    const config = last(sight.steps, (step) => isWhole(step) && loops.includes(String(step.detail?.served)));
    const loader = last(sight.steps, (step) => isWhole(step) && isIpxeFile(step));
    return config && found(config, { file: loader?.what }, ...(loader === undefined ? [] : [loader]));
  };
}

function again(is: (step: SeenStep) => boolean): Rule['match'] {
  return (sight) => {
    const row = rowOf(sight, is);
    // However far this boot has come meanwhile, it is one of the row.
    const latest = sight.steps.slice(-1);
    const values = { count: row.length, host: sight.host?.name };
    return row.length < TIMES ? undefined : found(row[0], values, ...row.slice(1, TIMES), ...latest);
  };
}

const isInstalling = ({ kind, because }: SeenStep) =>
  kind === 'http.script' && ['script-build', 'script-driver'].includes(because.code);

function installsAgain(sight: Sight): Match | undefined {
  const match = again(isInstalling)(sight);
  const isReported = sight.steps.some(({ kind }) => kind === 'http.built');
  const reached = recent(sight).filter((boot) => boot.some(({ kind }) => kind === 'http.answers'));
  return isReported || reached.length < 2 ? undefined : match;
}

export const LOOPS: readonly Rule[] = [
  seen(
    {
      code: 'chainload-loop',
      symptom: 'the same loader is fetched again and again, and no script is reached',
      cause:
        '{file} was fetched {count} times and no script was reached: iPXE is not known as iPXE and gets itself again, or it finds no link',
      fix: 'let the DHCP server tell iPXE by option 77 or 175 (chainboot dhcp-config has the lines); if iPXE never asks, use the other driver (ipxe_driver)',
      source: 'iPXE sends option 77 as bare "iPXE" and option 175; docs/why.md',
    },
    either(becauseOf('loop-loader', 'loop-disguise'), heldFor('loop-loader', 'loop-disguise'), loaderAgain),
  ),
  seen(
    {
      code: 'reinstall-loop',
      symptom: 'the host installs again and again',
      cause:
        '{host} began its installation {count} times and never reported built, so it stays in build mode and installs again',
      fix: 'look why its report does not come (the last lines of its answers call the built URL); end it by hand: chainboot host cancel {host}; a held machine is let go by chainboot host release',
      source: 'docs/why.md',
    },
    either(becauseOf('loop-install'), installsAgain),
  ),
  seen(
    {
      code: 'script-loop',
      symptom: 'the script is fetched again and again without a kernel',
      cause:
        'the script was fetched {count} times and no kernel was started: it fails at once, and the firmware tries again',
      fix: 'look at the rendered script (chainboot template render) and whether the machine reaches the medium',
      source: 'docs/why.md',
    },
    becauseOf('loop-script'),
  ),
  seen(
    {
      code: 'disk-does-not-boot',
      symptom: 'sent to its own disk, the machine comes back to the network again and again',
      cause:
        '{host} is sent to its own disk and came back {count} times: there is nothing on it that boots, the firmware looks at another disk, or the way out of the script does not work on it',
      fix: 'install it (chainboot host build {host}); if it is installed, look at the boot order and whether it was installed for the same firmware (BIOS or UEFI)',
      source: 'docs/why.md',
    },
    either(becauseOf('loop-local'), again(isSentToDisk)),
  ),
];
