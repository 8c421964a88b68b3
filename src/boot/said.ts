/**
 * How much of what machines say themselves is kept of one boot. An installer that logs everything, or a machine that
 * panics in circles, must not push other boots out of the trace; and the last words are often those that matter, so
 * bad news has room of its own.
 */

import { because } from './reason.ts';
import { RecentMap } from './recent.ts';
import type { Step } from './step.ts';

export type SaidLimits = {
  /** Of one boot. */
  readonly lines: number;
  /** Errors and worse, when these are used up. */
  readonly errors: number;
};

export const SAID_LIMITS: SaidLimits = { lines: 2000, errors: 200 };

/** RFC 3164 §4.1: a line is no longer than that; what others write beyond is not worth keeping. */
export const MAX_TEXT = 1024;

/** Boots that are counted, at least; see recent.ts. */
const BOOTS = 10_000;
const WORST: readonly unknown[] = ['emerg', 'alert', 'crit', 'err'];
/** BusyBox and kernels tell the worst as mere information. */
const BAD_NEWS = /panic|No space left|out of memory|ipxe\.org\/[0-9a-f]{6}|\b(error|fail(ed|ure)?|fatal)\b/i;

type Count = { lines: number; errors: number };

export class SaidCounter {
  readonly #limits: SaidLimits;
  readonly #counts = new RecentMap<Count>(BOOTS);

  constructor(limits: SaidLimits = SAID_LIMITS) {
    this.#limits = limits;
  }

  /** What is kept of a step of this boot: itself, once a step that says that the rest is left out, or nothing. */
  kept(boot: string, step: Step): Step | undefined {
    const { lines, errors } = this.#limits;
    const count = this.#counts.get(boot) ?? this.#begin(boot);
    if (count.lines < lines) {
      count.lines++;
      return step;
    }
    if (isBadNews(step) && count.errors < errors) {
      count.errors++;
      return step;
    }
    if (count.lines > lines) return undefined;
    count.lines++;
    const { detail: _, ...rest } = step;
    return { ...rest, because: because('machine-hushed', { lines }) };
  }

  #begin(boot: string): Count {
    const count = { lines: 0, errors: 0 };
    this.#counts.set(boot, count);
    return count;
  }
}

/** A line of syslog, or what an installer reports; their number is up to the machine. */
export function isSaid({ kind }: Step): boolean {
  return kind === 'syslog.line' || kind === 'http.progress';
}

function isBadNews({ detail }: Step): boolean {
  return WORST.includes(detail?.severity) || BAD_NEWS.test(String(detail?.text ?? ''));
}

/** As one printable line: colours and other controls of a console would play tricks on whoever reads the trace. */
export function oneLine(text: string, max = MAX_TEXT): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out.
      .replace(/^\ufeff|\x1b\[[\d;?]*[a-zA-Z]/g, '')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out.
      .replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]+/g, ' ')
      .slice(0, max)
      .trim()
  );
}
