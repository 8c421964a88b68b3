/**
 * Lines of syslog as machines send them while they boot. Nobody keeps to RFC 3164 or RFC 5424 there: iPXE leaves out
 * the time, BusyBox (debian-installer) the host name, rsyslog (Anaconda) writes ISO times. So reading is tolerant: what
 * cannot be told apart stays in the text, and nothing throws.
 */

import { MAX_TEXT, oneLine } from '../boot/said.ts';

export const SEVERITIES = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const;
export type Severity = (typeof SEVERITIES)[number];

export type SyslogLine = {
  readonly severity: Severity;
  /** `kernel`, `anaconda`, `main-menu`; without its process id. */
  readonly program?: string;
  /** Printable, at most `MAX_TEXT` characters, never empty. */
  readonly text: string;
};

/** RFC 5424 §6.3 allows no longer names of programs. */
const MAX_PROGRAM = 48;
/** Of a datagram, what is looked at: a header is no longer than the text. */
const MAX_READ = 4 * MAX_TEXT;

/** RFC 3164 §4.3.3: what has no priority is user.notice. */
const NO_PRIORITY = 13;
const PRIORITY = /^<(\d{1,3})>/;
/** `1 TIME HOST APP PROCID MSGID SD`; the structured data, which comes next, is taken off by hand. */
const HEADER_5424 = /^1 (?:-|\d{4}-\S+) \S+ (\S+) \S+ \S+ /;
/** RFC 3164's `Nov  3 12:00:00` (some add the year), or the RFC 3339 time that rsyslog writes in its place. */
const TIME = /^(?:[A-Z][a-z]{2} [ \d]\d (?:\d{4} )?\d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S+):?(?: |$)/;
const TAG = /^(?:\S+ )??([\w./+-]+)(?:\[[^\]\s]*\])?: ?/;
/** Without a time, words before a colon may well be text: only these are sure to be a name. */
const BARE_TAG = /^(?:\S+ )??(?:([\w./+-]+)\[\d+\]|(kernel|ipxe|gpxe)): ?/i;

/** One datagram; undefined when nothing is written in it. */
export function parseSyslog(bytes: Uint8Array): SyslogLine | undefined {
  const line = oneLine(DECODER.decode(bytes.subarray(0, MAX_READ)), MAX_READ);
  const priority = PRIORITY.exec(line);
  const number = priority === null ? NO_PRIORITY : Number(priority[1]);
  const rest = line.slice(priority?.[0].length ?? 0);
  const severity = SEVERITIES[number & 7]!;
  const { program, text } = modern(rest) ?? classic(rest);
  if (text === '') return undefined;
  return {
    severity,
    ...(program !== undefined && { program: program.slice(0, MAX_PROGRAM) }),
    text: text.slice(0, MAX_TEXT),
  };
}

type Parts = { readonly program: string | undefined; readonly text: string };

const DECODER = new TextDecoder();

/** RFC 5424; undefined for all else. */
function modern(rest: string): Parts | undefined {
  const header = HEADER_5424.exec(`${rest} `);
  if (header === null) return undefined;
  const text = withoutData(rest.slice(header[0].length)).replace(/^\ufeff/, '');
  return { program: header[1] === '-' ? undefined : header[1], text: text.trim() };
}

/** RFC 5424 §6.3: `-`, or elements in brackets whose values are quoted, with `\"`, `\\` and `\]` in them. */
function withoutData(rest: string): string {
  if (rest === '-' || rest.startsWith('- ')) return rest.slice(1);
  let at = 0;
  while (rest[at] === '[') {
    const end = endOfElement(rest, at);
    // Cut off in the middle: better shown than lost.
    if (end < 0) return rest;
    at = end + 1;
  }
  return rest.slice(at);
}

function endOfElement(rest: string, from: number): number {
  let quoted = false;
  for (let at = from + 1; at < rest.length; at++) {
    const sign = rest[at];
    if (quoted && sign === '\\') at++;
    else if (sign === '"') quoted = !quoted;
    else if (!quoted && sign === ']') return at;
  }
  return -1;
}

/** RFC 3164, as far as it is kept to. */
function classic(rest: string): Parts {
  const time = TIME.exec(rest);
  const said = rest.slice(time?.[0].length ?? 0);
  const tag = (time === null ? BARE_TAG : TAG).exec(said);
  const text = said.slice(tag?.[0].length ?? 0).trim();
  // "error:" with nothing behind it is no tag.
  if (tag === null || text === '') return { program: undefined, text: said.trim() };
  return { program: tag[1] ?? tag[2], text };
}
