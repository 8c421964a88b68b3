/** What the steps of the trace and the answers that are rendered say about progress: the events that loops.ts counts. */

import { archNamed } from '../net/arch.ts';
import type { Answered, Question } from './answer.ts';
import type { LoopEvent } from './loops.ts';
import { renderedName } from './rendered-names.ts';
import type { Step } from './step.ts';

/** Programs that firmware, PXELINUX or iPXE start: everything that may be one round of a circle. */
const LOADER = /\.(0|k?k?pxe|efi|lkrn)$/i;
/** Modules, fonts and the like that a loader reads; neither a round nor progress, as its configurations are. */
const PART_OF_LOADER = /\.(c32|mod|lst|cfg|pf2|ipxe)$|(^|\/)grub2?\//i;

const HTTP_BOOT = '/httpboot/';
const STARTED = { kind: 'started' } as const;
const DONE = { kind: 'done' } as const;

export function eventOfStep(step: Step): LoopEvent | undefined {
  switch (step.kind) {
    case 'dhcp.offer':
    case 'dhcp.ack':
      return eventOfDhcp(step);
    case 'tftp.file':
      return step.because.code === 'transfer-complete' ? eventOfFile(step.what ?? '', 'tftp') : undefined;
    case 'http.file':
      return eventOfHttpFile(step);
    case 'http.answers':
      return step.because.code === 'script-build' && !isConfiguration(step.what) ? STARTED : undefined;
    case 'http.beacon':
      // Kernel and initrd may have come from a mirror, whose files nobody sees here.
      return step.what === 'boot' ? STARTED : undefined;
    case 'http.built':
    case 'http.failed':
      return DONE;
    default:
      return undefined;
  }
}

function eventOfDhcp({ kind, stage, via, arch, what, xid, disguised, host }: Step): LoopEvent | undefined {
  if (stage === 'installer') return kind === 'dhcp.ack' && host !== undefined ? STARTED : undefined;
  if (stage !== 'rom') return undefined;
  // An address is bound, or a proxy has the last word, with the ACK; a proxy's OFFER is final for BIOS and for HTTP
  // boot, while UEFI firmware goes on to port 4011.
  if (kind === 'dhcp.offer' && (via !== 'proxy-dhcp' || isPxeUefi(arch))) return undefined;
  if (what === undefined || !LOADER.test(what)) return undefined;
  return { kind: 'loader', file: fileName(what), by: 'dhcp', xid, disguised };
}

function isPxeUefi(name: string | undefined): boolean {
  const arch = archNamed(name);
  return arch?.firmware === 'uefi' && !arch.http;
}

function eventOfFile(name: string, by: 'tftp' | 'http'): LoopEvent | undefined {
  if (LOADER.test(name)) return { kind: 'loader', file: fileName(name), by };
  return PART_OF_LOADER.test(name) || renderedName(name) !== undefined ? undefined : STARTED;
}

/** HEAD and a part of a file are no rounds: OVMF asks for the size first. */
function eventOfHttpFile({ because, bytes = 0, detail, what = '' }: Step): LoopEvent | undefined {
  if (bytes === 0 || detail?.status !== 200 || detail.aborted !== undefined) return undefined;
  if (because.code === 'boot-file') return STARTED;
  return because.code === 'loader-file' ? eventOfFile(what, 'http') : undefined;
}

/** `http://192.0.2.1/httpboot/ipxe.efi` and `/httpboot/ipxe.efi` are the same loader as `ipxe.efi`. */
function fileName(what: string): string {
  const at = what.lastIndexOf(HTTP_BOOT);
  return at < 0 ? what : what.slice(at + HTTP_BOOT.length);
}

function isConfiguration(path: string | undefined): boolean {
  return path !== undefined && /^\/unattended\/PXE/.test(path);
}

/** `build` is when the host was put into build mode. */
export function eventOfAnswer(question: Question, answered: Answered, build: number): LoopEvent | undefined {
  if (!answered.ok || question.retry) return undefined;
  const { code } = answered.because;
  const isConfig = question.kind.startsWith('PXE');
  if (!isConfig && question.kind !== 'iPXE') return undefined;
  if (code.startsWith('script-build') || code.startsWith('script-driver'))
    return { kind: isConfig ? 'config' : 'script', build };
  if (code === 'script-local' || code === 'loop-local') return { kind: 'local' };
  return code === 'script-unknown' ? { kind: 'menu' } : undefined;
}
