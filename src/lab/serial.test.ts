import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { consoleNews, downloadOf, serialReader } from './serial.ts';

function read(pieces: readonly string[]): { lines: string[]; partials: string[] } {
  const lines: string[] = [];
  const partials: string[] = [];
  const reader = serialReader(
    (line) => lines.push(line),
    (line) => partials.push(line),
  );
  for (const piece of pieces) reader.feed(piece);
  return { lines, partials };
}

/** As SeaBIOS 1.16.2 and iPXE 1.0.0 wrote it on a serial port. */
const CONSOLE =
  '\x1bc\x1b[?7l\x1b[2J\x1b[0mSeaBIOS (version 1.16.2-debian-1.16.2-1)\r\n\n\n' +
  'Press Ctrl-B to configure iPXE (PCI 00:03.0)...\r                                               \r\n' +
  '\x1b[0;1miPXE 1.0.0\x1b[0m -- Open Source Network Boot Firmware\r\n' +
  `Press Ctrl-B${'\b \b'.repeat(12)}net0: 52:54:00:12:34:56 using 82540em\r\n`;

describe('serial', () => {
  it('shows what a terminal would show, line by line', () => {
    expect(read([CONSOLE]).lines).toEqual([
      'SeaBIOS (version 1.16.2-debian-1.16.2-1)',
      'iPXE 1.0.0 -- Open Source Network Boot Firmware',
      'net0: 52:54:00:12:34:56 using 82540em',
    ]);
  });

  it('does not depend on how the bytes were cut into pieces', () => {
    const whole = read([CONSOLE]).lines;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: CONSOLE.length })), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), CONSOLE.length];
        expect(read(at.slice(1).map((end, index) => CONSOLE.slice(at[index], end))).lines).toEqual(whole);
      }),
      { numRuns: 50 },
    );
  });

  it('reads the progress of a download while the line is being written', () => {
    const { partials } = read(['http://192.0.2.1/initrd.gz...  3%', '\b\b\b\b 47%']);
    expect(partials.map((line) => downloadOf(line)?.percent)).toEqual([3, 47]);
    expect(downloadOf('http://192.0.2.1/initrd.gz... ok')).toBeUndefined();
  });

  it.each([
    [
      'iPXE 1.0.0+git-20190125.36a4c85-5.1 -- Open Source Network Boot Firmware',
      'iPXE 1.0.0+git-20190125.36a4c85-5.1',
    ],
    ['[    0.000000] Command line: initrd=initrd.gz', 'Command line: initrd=initrd.gz'],
    ['[   95.776523] reboot: Power downll  3 shell  4- log', 'reboot: Power down'],
    ['lqqqqqqqqqqqqu Detecting network hardware tqqqqqqqqqqqqqk', 'installer: Detecting network hardware'],
    ['lqqqqu(B [!!] Configure the network tqqqqk', 'installer: Configure the network'],
    ['x This system has relatively little free memory x', undefined],
    ['[    1.5] pnp: PnP ACPI init', undefined],
  ])('of %j it tells %j', (line, news) => expect(consoleNews(line)).toBe(news));

  it('takes any bytes without failing and never shows control characters', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary-ascii' })), (pieces) => {
        const { lines } = read(pieces);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: that none is left is the point
        for (const line of lines) expect(line).not.toMatch(/[\x00-\x1f\x7f]/);
      }),
    );
  });
});
