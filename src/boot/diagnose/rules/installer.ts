/** The installer: its answers, its medium, its report. */

import { progressOf } from '../progress.ts';
import { beside, found, lackOf, lineOf, refusalOf, seen, silence } from '../rule.ts';
import { isInitrd, isWhole, last } from '../steps.ts';
import type { Rule } from '../types.ts';

/** What curl and wget say of certificates is for other rules. */
const MEDIUM =
  /^(?!.*\b(certificate|x509)\b).*(bad archive mirror|failed to (fetch|download|retrieve)|unable to (fetch|download|retrieve)|could not (resolve|retrieve|download)|curl(: \(|.error)|connection refused|no valid media|cannot (find|load) .*(repository|repodata|stage2|squashfs))/i;
const NETWORK =
  /network autoconfiguration failed|no dhcp(offers| lease)|dhcp.* (failed|timed out)|no network interfaces? detected|link (is )?not (detected|ready)/i;
const DISK =
  /no (disk drive|disks?) (was |were )?(detected|found)|no usable disks|not enough (disk|free) space|partitioning failed|disk .* not found/i;

export const INSTALLER: readonly Rule[] = [
  seen(
    {
      code: 'installation-failed',
      symptom: 'the installer reported that it failed',
      cause: 'the installer of {host} reported that it failed',
      fix: 'its log is kept with the host: chainboot host show {host}; mend what it names, then chainboot host build {host}',
      source: 'POST /unattended/failed',
    },
    ({ steps }) => found(last(steps, ({ kind }) => kind === 'http.failed')),
  ),
  seen(
    {
      code: 'built-refused',
      symptom: 'the installer reports its end and is refused',
      cause:
        'the installation came to its end, and its report was refused: {sentence}. The host stays in build mode and installs again',
      fix: 'look why in the sentence; take the host out of build mode by hand: chainboot host cancel NAME',
      source: 'HOST_UNKNOWN, TOKEN_UNKNOWN, HOST_MAC_CONFLICT on /unattended/built',
    },
    ({ steps }) =>
      found(last(steps, ({ kind, what = '' }) => kind === 'http.error' && /^\/unattended\/built/.test(what))),
  ),
  seen(
    {
      code: 'installer-without-network',
      symptom: 'the installer finds no network',
      cause: 'the installer has no network: {text}',
      fix: 'its kernel may lack the driver or firmware of the card (take a newer release, or its firmware), or takes another card: BOOTIF or the interface on the kernel command line chooses',
      source: 'netcfg of Debian, dracut of RHEL',
    },
    lineOf(NETWORK),
  ),
  seen(
    {
      code: 'installer-without-disk',
      symptom: 'the installer finds no disk, or no room on it',
      cause: 'the installer cannot use a disk: {text}',
      fix: 'look at the disk and the mode of its controller in the firmware (AHCI in place of RAID), and at the name of the disk in the partition table',
      source: 'partman of Debian, Anaconda',
    },
    lineOf(DISK),
  ),
  seen(
    {
      code: 'medium-unreachable',
      symptom: 'the installer cannot fetch from its medium',
      cause: 'the installer cannot fetch from its medium: {text}',
      fix: 'look whether the machine reaches the mirror: router and name server of its subnet, a proxy, the path of the medium',
      source: 'choose-mirror of Debian, dracut and Anaconda of RHEL',
    },
    lineOf(MEDIUM),
  ),
  beside(
    {
      code: 'medium-unreachable-from-here',
      symptom: 'this server cannot reach the medium of the host',
      cause: 'the medium cannot be reached from this server, so perhaps not from the machine: {sentence}',
      fix: '{hint}',
      source: 'medium-unreachable',
    },
    (sight) => lackOf(sight, 'medium-unreachable'),
  ),
  silence(
    {
      code: 'answers-never-fetched',
      symptom: 'kernel and initrd were fetched whole, and the installer never fetched its answers',
      cause:
        'the installer was started ({what}) and never fetched its answers: it has no network (no driver for the card, another card), stopped with a panic, had too little memory, or its command line names no answers',
      fix: 'look at the screen of the machine; look at the kernel command line in the rendered script, and let it log to our syslog receiver',
      source: 'docs/why.md',
    },
    300_000,
    ({ steps }) => {
      const { stage } = progressOf(steps);
      return stage.name === 'initrd'
        ? found(last(steps, (step) => (isInitrd(step) && isWhole(step)) || step.kind === 'http.beacon'))
        : undefined;
    },
  ),
  silence(
    {
      code: 'answers-without-report',
      symptom: 'the installer fetched its answers and never reported its end',
      cause:
        'the installer fetched {what} and never reported built or failed: it stopped at a question or an error on its screen, or its last step does not reach this server',
      fix: 'look at the screen of the machine; look that the template calls the built URL at its end, and that the installed system has a network then',
      source: 'docs/why.md',
    },
    3_600_000,
    ({ steps }) => {
      const { stage, step } = progressOf(steps);
      return stage.name === 'answers' ? found(step) : undefined;
    },
  ),
  seen(
    {
      code: 'answers-refused',
      symptom: 'the installer asks for its answers and is refused',
      cause: 'the installer asked for its answers, {what}, and was refused: {sentence}',
      fix: 'do what the sentence asks for, then boot the machine anew',
      source: 'docs/why.md',
    },
    refusalOf(['KIND_UNKNOWN', 'HOST_UNKNOWN'], ({ what = '' }) =>
      /^\/(unattended|userdata)\/(?!built|failed|iPXE|PXE)/.test(what),
    ),
  ),
];
