/** `sh -n`: the shells of this machine read scripts without running them. */

import { spawn } from 'node:child_process';
import type { FormatFinding } from '../../formats/finding.ts';
import { type Shell, type ShellPart, shellFinding } from '../../formats/shell.ts';

/** What a shell says about a part; `unavailable` when it is not installed. */
export type ShellCheck = (part: ShellPart) => Promise<readonly FormatFinding[] | 'unavailable'>;

export type ShellCheckOptions = {
  /** A shell that takes longer is ended. */
  readonly timeoutMs?: number;
  /** Shells that run at once. */
  readonly concurrency?: number;
};

type Verdict = { readonly code: number | null; readonly complaint: string } | 'unavailable';

const PROGRAMS: Readonly<Record<Shell, string>> = { sh: '/bin/sh', bash: 'bash' };
/** Characters of complaints that are kept. */
const MAX_COMPLAINT = 4096;

/** Scripts that are the same for many hosts are read once. */
export function shellChecker({ timeoutMs = 5000, concurrency = 2 }: ShellCheckOptions = {}): ShellCheck {
  const known = new Map<string, Promise<Verdict>>();
  const waiting: (() => void)[] = [];
  let running = 0;

  async function inTurn(part: ShellPart): Promise<Verdict> {
    if (running >= concurrency) await new Promise<void>((resolve) => waiting.push(resolve));
    running++;
    try {
      return await read(part, timeoutMs);
    } finally {
      running--;
      waiting.shift()?.();
    }
  }

  return async (part) => {
    const key = `${part.shell}\n${part.text}`;
    const verdict = known.get(key) ?? inTurn(part);
    known.set(key, verdict);
    const said = await verdict;
    if (said === 'unavailable') return said;
    const complaint = said.complaint.trim();
    if (said.code === 0 && complaint === '') return [];
    const silence = said.code === null ? 'it takes too long' : 'it gives up without a word';
    const finding = shellFinding(part, complaint === '' ? silence : complaint);
    // A here-document without an end is one: the shell goes on.
    return [said.code === 0 ? { ...finding, severity: 'warning' } : finding];
  };
}

function read({ shell, text }: ShellPart, timeoutMs: number): Promise<Verdict> {
  return new Promise((resolve) => {
    const child = spawn(PROGRAMS[shell], ['-n'], {
      stdio: ['pipe', 'ignore', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(0, MAX_COMPLAINT);
    });
    child.on('error', () => resolve('unavailable'));
    child.on('close', (code) => resolve({ code, complaint }));
    // It may stop reading at the first fault.
    child.stdin.on('error', () => undefined);
    child.stdin.end(text);
  });
}
