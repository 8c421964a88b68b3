/** Transfers over TFTP, and what should have been one. */

import { becauseOf, either, found, note, seen, silence } from '../rule.ts';
import { isOptional, last, refusedWith } from '../steps.ts';
import type { Rule, SeenStep } from '../types.ts';

/** Below this a gigabit link is not what limits. */
const SLOW_BYTES_PER_SECOND = 200_000;
const SLOW_MS = 10_000;

function ended(code: string, is: (step: SeenStep) => boolean = () => true): Rule['match'] {
  return ({ steps }) => {
    const step = last(steps, (one) => one.because.code === code && !isOptional(one) && is(one));
    return found(step, step && { block: blockOf(step) });
  };
}

/** Blocks that were acknowledged. */
function blockOf({ bytes = 0, detail, because }: SeenStep): number {
  if (typeof because.block === 'number') return because.block;
  const blksize = Number(detail?.blksize ?? 512);
  return Math.ceil(Number(because.bytes ?? bytes) / blksize);
}

/** Nothing of what we sent was acknowledged. */
function unanswered(step: SeenStep): boolean {
  return blockOf(step) <= 1 && (step.bytes ?? 0) === 0;
}

function isSlow({ kind, took = 0, bytes = 0, because, detail }: SeenStep): boolean {
  if (kind !== 'tftp.file' || because.code !== 'transfer-complete') return false;
  const isSlowly = took > SLOW_MS && bytes / (took / 1000) < SLOW_BYTES_PER_SECOND;
  const blocks = bytes / Number(detail?.blksize ?? 512);
  return isSlowly || (Number(detail?.retransmits ?? 0) > 10 && Number(detail?.retransmits) > blocks / 50);
}

export const TFTP: readonly Rule[] = [
  seen(
    {
      code: 'tftp-blocked',
      symptom: 'a file is asked for by TFTP, and nothing of the answer is acknowledged',
      cause:
        '{what} was asked for, and none of our answers came through: something between lets port 69 pass and not the port of the answer',
      fix: 'let UDP pass from this server to the machines from any port, load the TFTP helper of the firewall (nf_conntrack_tftp), or set tftp.single_port, so that files come from the port they are asked for at',
      source: 'RFC 1350, 4: answers come from a port of their own',
    },
    ended('transfer-timeout', unanswered),
  ),
  silence(
    {
      code: 'tftp-never-asked',
      symptom: 'a file to fetch by TFTP was named, and the request never came',
      cause:
        'the machine was told to fetch {what} and its request never came: UDP port 69 is blocked on the way, or its firmware sends it elsewhere',
      fix: 'let UDP port 69 to this server pass (chainboot doctor looks at this machine); look for another server that names itself as next server',
      source: 'RFC 1350, 4',
    },
    30_000,
    ({ steps }) => {
      const ack = last(steps, ({ kind }) => kind === 'dhcp.ack');
      const isAsked = steps.some(({ via, kind }) => via === 'tftp' || kind.startsWith('http.'));
      const isTftp = ack?.stage === 'rom' && ack.what !== undefined && !/^https?:/.test(ack.what);
      return isTftp && !isAsked && steps.at(-1) === ack ? found(ack) : undefined;
    },
  ),
  seen(
    {
      code: 'tftp-broke-off',
      symptom: 'the machine stops answering in the middle of a TFTP transfer',
      cause:
        'the machine stopped answering at block {block} of {what}: it was switched off, hung, or the line lost too much',
      fix: 'look at the screen of the machine, its cable and its port; if it is always the same block, a firewall or a small MTU is in the way',
      source: 'RFC 1350, 2; RFC 2348',
    },
    either(
      ended('transfer-timeout', (step) => !unanswered(step)),
      ended('transfer-failed'),
    ),
  ),
  seen(
    {
      code: 'tftp-aborted',
      symptom: 'the machine aborts a TFTP transfer',
      cause: 'the machine aborted {what} at block {block}: {message}',
      fix: 'the loader may be too large for the memory of the ROM, or not what it expects: give the host another PXE loader, or look at the screen of the machine',
      source: 'RFC 1350, 5 (ERROR)',
    },
    ended('transfer-aborted'),
  ),
  seen(
    {
      code: 'tftp-restarts',
      symptom: 'the same file is begun by TFTP again and again',
      cause:
        '{what} was begun {count} times and never came to its end: blocks are lost, or the machine starts over',
      fix: 'look at the line between and its MTU: ROMs that cannot take fragments begin anew; let iPXE fetch large files by HTTP',
      source: 'RFC 2348; fragments are dropped by many firewalls',
    },
    ({ steps }) => {
      const all = steps.filter(({ because }) => because.code === 'transfer-restarted');
      return all.length < 2 ? undefined : found(all.at(-1), { count: all.length });
    },
  ),
  seen(
    {
      code: 'file-name-refused',
      symptom: 'a name that is outside of what is served, or a request that is malformed',
      cause: '{what} was refused: {sentence}',
      fix: 'look at the boot file that the DHCP server names: relative, with slashes, and nothing behind it',
      source: 'FILE_FORBIDDEN, TFTP_MALFORMED',
    },
    ({ steps }) =>
      found(last(steps, (step) => ['FILE_FORBIDDEN', 'TFTP_MALFORMED'].includes(refusedWith(step) ?? ''))),
  ),
  note(
    {
      code: 'tftp-slow',
      symptom: 'a transfer by TFTP was very slow, or much of it had to be sent again',
      cause:
        '{what} took {took} ms for {bytes} bytes with {retransmits} retransmissions: blocks are lost, or the line is slow',
      fix: 'look at the line; let iPXE fetch large files by HTTP',
      source: 'RFC 7440; docs/performance.md',
    },
    ({ steps }) => {
      const step = last(steps, isSlow);
      return found(
        step,
        step && { took: step.took, retransmits: (step.detail?.retransmits as number | undefined) ?? 0 },
      );
    },
  ),
  note(
    {
      code: 'tftp-size-probe',
      symptom: 'a transfer is aborted right after its size was told',
      cause:
        'UEFI asks for the size of {what} first, and aborts that transfer ("User aborted the transfer"): this is normal',
      fix: 'nothing',
      source: 'RFC 2349 (tsize); seen with every OVMF',
    },
    becauseOf('transfer-probe'),
  ),
  note(
    {
      code: 'tftp-peek',
      symptom: 'a file is opened and closed at once',
      cause: 'GRUB opens {what} to see whether it is there, and closes it: this is normal',
      fix: 'nothing',
      source: 'GRUB 2.06',
    },
    becauseOf('transfer-peek'),
  ),
];
