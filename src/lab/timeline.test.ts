import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { because } from '../boot/reason.ts';
import type { Step } from '../boot/step.ts';
import type { LabEvent } from './events.ts';
import { createJsonLines, createTimeline, formatBytes, formatDuration, formatEvent } from './timeline.ts';

const STEP: Step = {
  at: 3620,
  kind: 'http.script',
  via: 'http',
  because: because('script-build', { host: 'vm1.lab', template: 'Preseed default iPXE' }),
  what: 'Preseed default iPXE',
  bytes: 1234,
  took: 4,
};
const EVENT: LabEvent = { kind: 'step', at: 3620, step: STEP };
const PLAIN = { colour: false, live: false };

describe('timeline', () => {
  it('says when, what, how much, how long and why in one line', () => {
    expect(formatEvent(EVENT, 3620, PLAIN)).toBe(
      '   +3.62 s  http  script Preseed default iPXE 1.2 kB in 4.0 ms' +
        ' — vm1.lab is in build mode, so it gets Preseed default iPXE',
    );
  });

  it('never writes wider than the terminal, with and without colours', () => {
    fc.assert(
      fc.property(fc.integer({ min: 40, max: 200 }), fc.boolean(), fc.string(), (columns, colour, what) => {
        const text = formatEvent({ ...EVENT, step: { ...STEP, what } }, 3620, {
          columns,
          colour,
          live: true,
        })!;
        // biome-ignore lint/suspicious/noControlCharactersInRegex: colours take no room
        const lines = text.replace(/\x1b\[\d+m/g, '').split('\n');
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
        const words = (part: string) => part.replace(/[\s—]+/g, '');
        expect(words(lines.join(''))).toContain(words('vm1.lab is in build mode'));
      }),
    );
  });

  it.each([
    [
      '/media/Debian local/dists/bookworm/main/installer-amd64/current/images/linux',
      '/media/Debian local/…/linux',
    ],
    ['dists/bookworm/main/installer-amd64/current/linux', 'dists/…/linux'],
    ['http://192.0.2.1/a/b', 'http://192.0.2.1/a/b'],
    ['/unattended/iPXE', '/unattended/iPXE'],
  ])('shows the path %s as %s', (what, shown) => {
    const event: LabEvent = { ...EVENT, step: { ...STEP, what } };
    expect(formatEvent(event, 0, PLAIN)).toContain(`script ${shown} 1.2 kB`);
  });

  it('uses no escape sequence without colour', () => {
    const events: LabEvent[] = [
      EVENT,
      { kind: 'machine', at: 0, text: 'SeaBIOS' },
      { kind: 'power', at: 0, on: true, text: 'x' },
      { kind: 'problem', at: 0, text: 'x' },
      { kind: 'result', at: 0, ok: true, text: 'x' },
    ];
    for (const event of events) expect(formatEvent(event, 0, PLAIN)).not.toContain('\x1b');
  });

  it('counts from power-on and erases a progress line before the next one', () => {
    const written: string[] = [];
    const tell = createTimeline((text) => written.push(text), { colour: false, live: true, columns: 100 });
    tell({ kind: 'note', at: 900, text: 'hello' });
    tell({ kind: 'power', at: 1000, on: true, text: 'now' });
    tell({ kind: 'progress', at: 2000, url: 'http://192.0.2.1/a/initrd.gz', percent: 50 });
    tell({ kind: 'machine', at: 2500, text: 'done' });
    expect(written[0]).toBe('hello\n');
    expect(written[2]).toMatch(/^ {3}\+1\.00 s {2}vm {4}initrd\.gz █+░+ {2}50%$/);
    expect(written[3]).toBe('\r\x1b[K   +1.50 s  vm    done\n');
  });

  it('shows no progress where lines cannot be written over', () => {
    const written: string[] = [];
    createTimeline(
      (text) => written.push(text),
      PLAIN,
    )({
      kind: 'progress',
      at: 1,
      url: 'http://x/y',
      percent: 1,
    });
    expect(written).toEqual([]);
  });

  it('prints JSON lines with the because in words', () => {
    const written: string[] = [];
    createJsonLines((text) => written.push(text))(EVENT);
    expect(JSON.parse(written[0]!)).toMatchObject({
      kind: 'step',
      step: { kind: 'http.script' },
      sentence: expect.stringContaining('build mode'),
    });
  });

  it.each([
    [999, '999 B'],
    [1000, '1.0 kB'],
    [40_810_276, '40.8 MB'],
    [999_999, '1.0 MB'],
  ])('%d bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it.each([
    [0.4, '0.4 ms'],
    [999, '999 ms'],
    [999.9, '1.0 s'],
    [125_000, '125 s'],
  ])('%d ms are %s', (ms, text) => expect(formatDuration(ms)).toBe(text));
});
