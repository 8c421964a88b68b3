/** Reads a serial console: firmware, iPXE and kernel write lines between terminal control sequences. */

import { DISK_SAYS } from './disk.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control sequences are what is looked for
const CURSOR = /\x1b\[\d*(?:;\d*)?[HfJ]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control sequences are what is looked for
const SEQUENCE = /\x1b(?:\[[0-9;?=]*[ -/]*[@-~]|[()][A-Z0-9]|[78=>c])/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control sequences are what is looked for
const UNFINISHED = /\x1b(?:\[[0-9;?=]*|[()])?$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
const CONTROL = /[\x00-\x07\x09\x0b\x0c\x0e-\x1f\x7f]/g;

/** SeaBIOS moves the cursor where others write a line feed, so a cursor movement ends a line. */
export function plainText(text: string): string {
  return text.replace(CURSOR, '\n').replace(SEQUENCE, '').replace(CONTROL, '');
}

export type SerialReader = { feed(text: string): void };

/**
 * Turns pieces of console output into lines without control sequences; empty lines are left out.
 * @param onLine a finished line
 * @param onPartial the line being written, after every piece: iPXE counts percents there
 */
export function serialReader(
  onLine: (line: string) => void,
  onPartial: (line: string) => void = () => {},
): SerialReader {
  let raw = '';
  let line = '';
  return {
    feed: (text) => {
      raw += text;
      const cut = UNFINISHED.exec(raw)?.index ?? raw.length;
      const lines = (line + plainText(raw.slice(0, cut))).split('\n');
      raw = raw.slice(cut);
      line = lines.pop()!;
      for (const done of lines) if (visible(done) !== '') onLine(visible(done));
      if (visible(line) !== '') onPartial(visible(line));
    },
  };
}

/** What a terminal shows of a line with carriage returns and backspaces in it: both lead to overwriting. */
function visible(line: string): string {
  const shown: string[] = [];
  let column = 0;
  for (const character of line) {
    if (character === '\r') column = 0;
    else if (character === '\b') column = Math.max(0, column - 1);
    else shown[column++] = character;
  }
  return shown.join('').trimEnd();
}

export type Download = { readonly url: string; readonly percent: number };

/** The progress iPXE shows while it downloads: `http://192.0.2.1/initrd.gz... 37%`. */
export function downloadOf(line: string): Download | undefined {
  const found = /(\w+:\/\/\S+?)\.\.\. *.*?(\d{1,3})%[^%]*$/.exec(line);
  if (found === null) return undefined;
  return { url: found[1]!, percent: Math.min(100, Number(found[2])) };
}

/** Lines that tell how far a machine is, and how much of them; an installer alone writes hundreds of others. */
const NEWS: readonly RegExp[] = [
  /^SeaBIOS .*/,
  /^iPXE \d\S*/,
  /^Configuring \(.*/,
  /^Booting from (?!ROM).*/,
  /Command line: .*/,
  /Run \/init\b.*/,
  /^Starting system log daemon/,
  /reboot: Power down/,
  /Kernel panic.*/,
  /.*ipxe\.org\/[0-9a-f]{8}.*/,
];

/** The title in the frame of a debian-installer dialogue, its line-drawing characters read as letters. */
const DIALOGUE = /^\s*l[q()B0]+u[()B0]* (.+?) [()B0]*t[q()B0]+k?$/;

/** What a line of the console says about the progress of a boot; undefined for all the others. */
export function consoleNews(line: string): string | undefined {
  if (line === DISK_SAYS) return line;
  const dialogue = DIALOGUE.exec(line)?.[1];
  if (dialogue !== undefined) return `installer: ${dialogue.replace(/^\[!+\] /, '')}`;
  for (const pattern of NEWS) {
    const found = pattern.exec(line)?.[0];
    if (found !== undefined) return found;
  }
  return undefined;
}
