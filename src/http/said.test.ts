import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reportOf } from './said.ts';

const event = (fields: object) => JSON.stringify({ timestamp: 1.5, ...fields });

describe('reportOf', () => {
  it.each([
    [
      event({ origin: 'subiquity', event_type: 'start', name: 'subiquity/Network', description: 'applying' }),
      'subiquity start subiquity/Network applying',
      'info',
    ],
    [
      event({
        origin: 'curtin',
        event_type: 'finish',
        name: 'cmd-install',
        description: 'x',
        result: 'FAIL',
      }),
      'curtin finish cmd-install x FAIL',
      'err',
    ],
    [event({ name: 'a', level: 'ERROR' }), 'a', 'err'],
    [event({ name: { odd: 1 } }), 'an event without a name', 'info'],
    ['partitioning\nthe disk\x07', 'partitioning the disk', 'info'],
    ['[1,2]', '[1,2]', 'info'],
    ['', 'nothing that can be read', 'info'],
  ])('%j', (body, text, severity) => {
    expect(reportOf(body)).toEqual({ text, severity });
  });

  it('makes one printable line of bounded length out of anything', () => {
    const value = fc.oneof(fc.string({ unit: 'binary', maxLength: 3000 }), fc.json());
    fc.assert(
      fc.property(value, (body) => {
        const { text } = reportOf(body);
        expect(text).not.toBe('');
        expect(text.length).toBeLessThanOrEqual(1024);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: none must be left.
        expect(text).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
      }),
    );
  });
});
