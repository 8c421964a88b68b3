/** The phases of a boot, as metrics count them: every step belongs to one, and went well or did not. */

import { renderedName } from './rendered-names.ts';
import type { Step } from './step.ts';

export const PHASES = [
  'dhcp',
  'loader',
  'config',
  'script',
  'files',
  'answers',
  'report',
  'console',
] as const;
export type Phase = (typeof PHASES)[number];
/** `ignored`: not answered on purpose. `probe`: only the size, or the presence, was asked for. */
export type PhaseOutcome = 'ok' | 'failed' | 'aborted' | 'ignored' | 'probe';

const LOADER = /\.(0|k?k?pxe|efi|lkrn|c32)$/i;

export function phaseOf({ kind, because, what = '' }: Step): Phase {
  if (kind.startsWith('dhcp.')) return 'dhcp';
  switch (kind) {
    case 'http.script':
      return 'script';
    case 'http.answers':
      return what.startsWith('/unattended/PXE') ? 'config' : 'answers';
    case 'http.built':
    case 'http.failed':
      return 'report';
    case 'http.beacon':
    case 'http.progress':
    case 'syslog.line':
      return 'console';
    default:
      return because.code === 'boot-file' ? 'files' : phaseOfName(what);
  }
}

/** Of a file, or of a path that was refused. */
function phaseOfName(what: string): Phase {
  if (what.startsWith('/unattended/')) return phaseOfUnattended(what);
  if (what.startsWith('/userdata/')) return 'answers';
  if (what.startsWith('/pub/')) return 'script';
  if (renderedName(what) !== undefined) return 'config';
  return LOADER.test(what) ? 'loader' : 'files';
}

function phaseOfUnattended(path: string): Phase {
  if (/^\/unattended\/(built|failed)/.test(path)) return 'report';
  if (path.startsWith('/unattended/PXE')) return 'config';
  return /^\/unattended\/(iPXE|gPXE|script)/i.test(path) ? 'script' : 'answers';
}

export function outcomeOf({ kind, because: { code }, detail }: Step): PhaseOutcome {
  if (kind === 'dhcp.ignore' || kind === 'dhcp.foreign') return 'ignored';
  if (code === 'transfer-probe' || code === 'transfer-peek') return 'probe';
  if (detail?.aborted === true) return 'aborted';
  if (kind === 'dhcp.nak' || kind === 'http.failed' || kind.endsWith('.error')) return 'failed';
  return code === 'script-error' || (typeof detail?.status === 'number' && detail.status >= 400)
    ? 'failed'
    : 'ok';
}
