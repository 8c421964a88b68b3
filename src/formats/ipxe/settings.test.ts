// biome-ignore-all lint/suspicious/noTemplateCurlyInString: iPXE writes its settings as ${name}.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex } from '../../net/bytes.ts';
import { Settings } from './settings.ts';

function settings(): Settings {
  const made = new Settings();
  made.putText('net0', 'mac', '52:54:00:ab:cd:ef');
  made.putText('net0', 'ip', '192.0.2.50');
  made.putText('net1', 'mac', '52:54:00:00:00:01');
  made.put('smbios', 'uuid', fromHex('11223344-5566-7788-99aa-bbccddeeff00'));
  made.put('net0', '12', new TextEncoder().encode('vm10'));
  made.put('net0', '54', Uint8Array.of(192, 0, 2, 1));
  return made;
}

describe('Settings', () => {
  it.each([
    ['net0/mac', '52:54:00:ab:cd:ef'],
    ['net0/mac:hexhyp', '52-54-00-ab-cd-ef'],
    ['netX/mac', '52:54:00:00:00:01'],
    ['net0/mac:hexraw', '525400abcdef'],
    ['ip', '192.0.2.50'],
    ['net0.dhcp/ip', '192.0.2.50'],
    ['ip:hex', 'c0:00:02:32'],
    ['uuid', '11223344-5566-7788-99aa-bbccddeeff00'],
    ['hostname', 'vm10'],
    ['net0/12', 'vm10'],
    ['dhcp-server', '192.0.2.1'],
    ['54:ipv4', '192.0.2.1'],
  ])('%s is %s', (name, value) => {
    const made = settings();
    made.opened('net0');
    if (name.startsWith('netX')) made.opened('net1');
    expect(made.get(name)).toBe(value);
  });

  it.each(['net7/mac', 'nothing', 'mac:nonsense', 'uuid:guid', 'netX/mac', ''])('"%s" is not set', (name) => {
    expect(settings().get(name)).toBeUndefined();
  });

  it('sets by type, refuses what the type cannot be, and deletes with an empty value', () => {
    const made = settings();
    expect(made.set('space:hex', '20')).toBe(true);
    expect(made.expand('a${space:string}b')).toBe('a b');
    expect(made.set('net0/ip', 'not an address')).toBe(false);
    expect(made.set('x:nonsense', '1')).toBe(false);
    expect(made.set('x', 'one two')).toBe(true);
    expect(made.expand('${x:uristring}')).toBe('one%20two');
    expect(made.set('x', '')).toBe(true);
    expect(made.get('x')).toBeUndefined();
  });

  it('counts', () => {
    const made = settings();
    made.increment('i', 1);
    made.increment('i', 41);
    expect(made.get('i')).toBe('42');
    made.set('j', '9');
    expect(made.increment('j', 1)).toBe(false);
    made.set('k:int32', '-1');
    expect([made.get('k'), made.get('k:uint16'), made.get('k:hex')]).toEqual([
      '-1',
      '0xffffffff',
      'ff:ff:ff:ff',
    ]);
  });

  it('expands the innermost first, unset ones to nothing, and does not go round for ever', () => {
    const made = settings();
    made.set('n', '0');
    expect(made.expand('x=${net${n}/ip}')).toBe('x=192.0.2.50');
    expect(made.expand('[${unset}]${unclosed')).toBe('[]${unclosed');
    made.set('loop', '${loop}');
    expect(made.expand('${loop}')).toBeUndefined();
  });

  it('formats and parses back every value of every type', () => {
    for (const type of ['string', 'hex', 'hexhyp', 'base64', 'uristring']) {
      fc.assert(
        fc.property(
          fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => bytes.map((byte) => byte & 0x7f)),
          (bytes) => {
            const made = new Settings();
            made.put('', 'value', bytes);
            const formatted = made.get(`value:${type}`)!;
            expect(made.set(`again:${type}`, formatted)).toBe(true);
            expect(made.get('again:hex')).toBe(made.get('value:hex'));
          },
        ),
        { numRuns: 50 },
      );
    }
  });
});
