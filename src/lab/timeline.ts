/**
 * The boot as it happens: one line for each answer of the server and for each thing the machine says.
 *
 *     +3.62 s  http  script   Preseed default iPXE  1.2 kB in 4 ms — vm1.lab is in build mode, so it gets …
 */

import { sentence } from '../boot/reason.ts';
import type { Step } from '../boot/step.ts';
import type { LabEvent, Tell } from './events.ts';

export type TimelineStyle = {
  /** Columns of the terminal; undefined: lines are never wrapped. */
  readonly columns?: number;
  readonly colour: boolean;
  /** The progress of a download may be written over itself. */
  readonly live: boolean;
};

type Tint = 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'magenta' | 'bold';
const CODES: Readonly<Record<Tint, number>> = {
  bold: 1,
  dim: 2,
  red: 31,
  green: 32,
  yellow: 33,
  magenta: 35,
  cyan: 36,
};
const TINTS: Readonly<Record<string, Tint>> = {
  dhcp: 'cyan',
  tftp: 'yellow',
  http: 'green',
  vm: 'magenta',
};
/** Width of the time and of the protocol beside it. */
const MARGIN = 18;
const NARROWEST = 40;
const ERASE_LINE = '\r\x1b[K';

/** Draws events with `write`. Times count from the first power-on, or from the first event. */
export function createTimeline(write: (text: string) => void, style: TimelineStyle): Tell {
  let start: number | undefined;
  let unfinished = false;
  return (event) => {
    if (event.kind === 'power' && event.on && start === undefined) start = event.at;
    const since = start === undefined ? undefined : Math.max(0, event.at - start);
    const text = formatEvent(event, since, style);
    if (text === undefined || (event.kind === 'progress' && !style.live)) return;
    const erase = unfinished ? ERASE_LINE : '';
    unfinished = event.kind === 'progress';
    write(unfinished ? `${erase}${text}` : `${erase}${text}\n`);
  };
}

/** One JSON object a line; steps carry their because in words as well. */
export function createJsonLines(write: (text: string) => void): Tell {
  return (event) => {
    const told = event.kind === 'step' ? { ...event, sentence: sentence(event.step.because) } : event;
    write(`${JSON.stringify(told)}\n`);
  };
}

/**
 * @param since milliseconds since power-on; undefined before it
 * @returns undefined for events that have no line
 */
export function formatEvent(
  event: LabEvent,
  since: number | undefined,
  style: TimelineStyle,
): string | undefined {
  const line = (who: string, text: string, aside = '') => lay(since, who, text, aside, style);
  switch (event.kind) {
    case 'note':
      return wrap(event.text, '', style).join('\n');
    case 'step':
      return line(
        protocolOf(event.step),
        shorten(stepText(event.step)),
        shorten(sentence(event.step.because)),
      );
    case 'machine':
      return line('vm', event.text);
    case 'power':
      return line('vm', tint(event.on ? 'power on' : 'power off', 'bold', style), event.text);
    case 'progress':
      return progressLine(event.url, event.percent, since, style);
    case 'milestone':
      return undefined;
    case 'problem':
      return tint(wrap(event.text, '', style).join('\n'), 'red', style);
    case 'result':
      return tint(wrap(event.text, '', style).join('\n'), event.ok ? 'green' : 'red', style);
  }
}

function protocolOf(step: Step): string {
  return step.kind.slice(0, step.kind.indexOf('.'));
}

function stepText(step: Step): string {
  const message = step.kind.slice(step.kind.indexOf('.') + 1);
  const isDhcp = step.kind.startsWith('dhcp.');
  const parts = [message.padEnd(6), isDhcp ? step.address : undefined, step.what, amount(step)];
  return parts.filter((part) => part !== undefined && part !== '').join(' ');
}

/** `/media/Debian local/dists/…/linux`: the directories of a mirror say nothing here. */
function shorten(text: string): string {
  return text.replace(/(?<![/\w.-])((?:\/[^/]+\/)?[\w.-]+\/)(?:[\w.-]+\/){3,}([\w.-]+)/g, '$1…/$2');
}

function amount(step: Step): string | undefined {
  if (step.bytes === undefined) return undefined;
  return step.took === undefined
    ? formatBytes(step.bytes)
    : `${formatBytes(step.bytes)} in ${formatDuration(step.took)}`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 999_950) return `${(bytes / 1e3).toFixed(1)} kB`;
  return bytes < 999_950_000 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

/** @param ms milliseconds */
export function formatDuration(ms: number): string {
  if (ms < 999.5) return `${Math.max(ms, 0).toFixed(ms < 9.5 ? 1 : 0)} ms`;
  return `${(ms / 1000).toFixed(ms < 100_000 ? 1 : 0)} s`;
}

/** Everything on one line where it fits; otherwise the aside goes below, indented. */
function lay(
  since: number | undefined,
  who: string,
  text: string,
  aside: string,
  style: TimelineStyle,
): string {
  const time = since === undefined ? '' : `+${(since / 1000).toFixed(2)} s`;
  const head = `${time.padStart(10)}  ${tint(who.padEnd(4), TINTS[who] ?? 'bold', style)}  `;
  const indent = ' '.repeat(MARGIN);
  const [first = '', ...more] = wrap(text, indent, style);
  const body = [head + first, ...more.map((line) => indent + line)].join('\n');
  if (aside === '') return body;
  const fits = more.length === 0 && MARGIN + bare(first).length + 3 + aside.length <= width(style);
  if (fits) return `${body} ${tint(`— ${aside}`, 'dim', style)}`;
  const below = wrap(aside, `${indent}  `, style).map((line) => `${indent}  ${tint(line, 'dim', style)}`);
  return [body, ...below].join('\n');
}

function progressLine(url: string, percent: number, since: number | undefined, style: TimelineStyle): string {
  const name = url.slice(url.lastIndexOf('/') + 1);
  const room = Math.min(30, Math.max(5, width(style) - MARGIN - name.length - 12));
  const filled = Math.round((room * percent) / 100);
  const bar = `${'█'.repeat(filled)}${'░'.repeat(room - filled)}`;
  return lay(since, 'vm', `${name} ${bar} ${String(percent).padStart(3)}%`, '', {
    ...style,
    columns: undefined,
  });
}

function width(style: TimelineStyle): number {
  return style.columns === undefined ? Number.POSITIVE_INFINITY : Math.max(style.columns, NARROWEST);
}

/** Breaks at spaces, and inside a word only when it is longer than a line. */
function wrap(text: string, indent: string, style: TimelineStyle): readonly string[] {
  const room = width(style) - indent.length;
  if (bare(text).length <= room) return [text];
  const lines: string[] = [''];
  for (const word of text.split(' ').flatMap((long) => pieces(long, room))) {
    const last = lines.at(-1)!;
    if (last === '') lines[lines.length - 1] = word;
    else if (bare(last).length + 1 + bare(word).length <= room) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function pieces(word: string, room: number): readonly string[] {
  if (bare(word).length <= room) return [word];
  return Array.from({ length: Math.ceil(word.length / room) }, (_, i) =>
    word.slice(i * room, (i + 1) * room),
  );
}

function tint(text: string, name: Tint, style: TimelineStyle): string {
  return style.colour ? `\x1b[${CODES[name]}m${text}\x1b[0m` : text;
}

function bare(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours take no room
  return text.replace(/\x1b\[\d+m/g, '');
}
