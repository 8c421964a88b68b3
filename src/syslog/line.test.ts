import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_TEXT } from '../boot/said.ts';
import { parseSyslog, SEVERITIES } from './line.ts';

const parsed = (line: string) => parseSyslog(new TextEncoder().encode(line));

describe('parseSyslog', () => {
  it.each([
    // RFC 3164 §5.4, examples 1 and 4 in spirit: host and tag, with a process id.
    ["<34>Oct 11 22:14:15 mymachine su: 'su root' failed", 'crit', 'su', "'su root' failed"],
    ['<30>Nov  3 12:00:00 main-menu[203]: INFO: Menu item', 'info', 'main-menu', 'INFO: Menu item'],
    ['<6>Jan  1 00:00:05 kernel: [    5.1] e1000: eth0 up', 'info', 'kernel', '[    5.1] e1000: eth0 up'],
    ['<3>2026-11-23T12:00:00.123+01:00 web1 anaconda: no disk', 'err', 'anaconda', 'no disk'],
    // RFC 5424 §6.5, examples 1 to 4 in spirit.
    ['<34>1 2003-10-11T22:14:15.003Z host su - ID47 - \ufeffsu failed', 'crit', 'su', 'su failed'],
    ['<165>1 2003-08-24T05:14:15Z - - 8710 - - it works', 'notice', undefined, 'it works'],
    ['<165>1 - h app - - [a@1 x="]" y="\\"]"][b@1] text', 'notice', 'app', 'text'],
    ['<165>1 - h app - - [cut x="', 'notice', 'app', '[cut x="'],
    // iPXE: no time, perhaps a host name.
    [
      '<6>ipxe: net0: 52:54:00:77:00:10 using virtio-net',
      'info',
      'ipxe',
      'net0: 52:54:00:77:00:10 using virtio-net',
    ],
    [
      '<6>web1.lab ipxe: Connection reset (https://ipxe.org/0f0a6095)',
      'info',
      'ipxe',
      'Connection reset (https://ipxe.org/0f0a6095)',
    ],
    // Words of a message are no program.
    [
      '<0>Kernel panic - not syncing: VFS: no root',
      'emerg',
      undefined,
      'Kernel panic - not syncing: VFS: no root',
    ],
    [
      'cp: write error: No space left on device',
      'notice',
      undefined,
      'cp: write error: No space left on device',
    ],
    ['<13>\x1b[31mred\x1b[0m\tand\u0000bell\x07\n', 'notice', undefined, 'red and bell'],
    ['<999>odd', 'debug', undefined, 'odd'],
    ['<1>1', 'alert', undefined, '1'],
  ])('%j', (line, severity, program, text) => {
    expect(parsed(line)).toEqual({ severity, text, ...(program !== undefined && { program }) });
  });

  it.each(['', '<13>', ' \n', '<14>Nov  3 12:00:00 ', '<14>1 - - - - - -'])('of %j is nothing', (line) => {
    expect(parsed(line)).toBeUndefined();
  });

  it('takes whatever comes, and gives one printable line of bounded length', () => {
    const piece = fc.constantFrom(
      '<6>',
      '1 ',
      '-',
      '[a b="c"]',
      ': ',
      'Nov  3 12:00:00 ',
      '\x1b[',
      'x'.repeat(2000),
    );
    const shaped = fc
      .array(fc.oneof(piece, fc.string({ unit: 'binary' })), { maxLength: 12 })
      .map((parts) => new TextEncoder().encode(parts.join('')));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 9000 }), shaped), (bytes) => {
        const line = parseSyslog(bytes);
        if (line === undefined) return;
        expect(SEVERITIES).toContain(line.severity);
        expect(line.text.length).toBeGreaterThan(0);
        expect(line.text.length).toBeLessThanOrEqual(MAX_TEXT);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: none must be left.
        expect(line.text + (line.program ?? '')).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
      }),
    );
  });

  it('finds again what was written, in both forms', () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);
    const words = fc.stringMatching(/^[a-z]([ -~]{0,80}[a-z])?$/);
    fc.assert(
      fc.property(word, word, words, fc.nat(191), (host, program, text, priority) => {
        const severity = SEVERITIES[priority % 8];
        expect(parsed(`<${priority}>Nov  3 12:00:00 ${host} ${program}[7]: ${text}`)).toEqual({
          severity,
          program,
          text,
        });
        expect(parsed(`<${priority}>1 2026-11-23T12:00:00Z ${host} ${program} 7 - - ${text}`)).toEqual({
          severity,
          program,
          text,
        });
      }),
    );
  });
});
