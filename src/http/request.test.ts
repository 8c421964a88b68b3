import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agentOf, parseTarget, returnUrl } from './request.ts';

describe('parseTarget', () => {
  it.each([
    ['/', '/', []],
    ['//media//debian/./linux', '/media/debian/linux', ['media', 'debian', 'linux']],
    ['/media/Debian%20mirror/linux', '/media/Debian mirror/linux', ['media', 'Debian mirror', 'linux']],
    ['/media/a%2Fb/linux', '/media/a/b/linux', ['media', 'a/b', 'linux']],
    ['/unattended/iPXE?mac=52%3A54', '/unattended/iPXE', ['unattended', 'iPXE']],
    ['http://192.0.2.1:8080/a?b', '/a', ['a']],
    ['http://192.0.2.1', '/', []],
    ['/a#fragment?x=1', '/a', ['a']],
    // UTF-8 as bytes, the way node:http hands them over.
    ['/b\xc3\xbccher', '/bücher', ['bücher']],
  ])('%s', (raw, path, segments) => {
    expect(parseTarget(raw)).toMatchObject({ path, segments });
  });

  it.each([
    '',
    '*',
    'media',
    '?a=b',
    '/../etc/passwd',
    '/a/%2e%2E/b',
    '/..%2fa',
    '/a%00b',
    '/a%0ab',
    '/%',
    '/%zz',
    '/%ff',
  ])('refuses %j', (raw) => {
    expect(parseTarget(raw)).toBeUndefined();
  });

  it('reads queries as both generations of iPXE write them', () => {
    for (const raw of ['/x?mac=52%3A54%3A00&uuid=1', '/x?mac=52:54:00&uuid=1']) {
      expect(parseTarget(raw)?.query.get('mac')).toBe('52:54:00');
    }
  });

  it('finds every segment again that was percent-encoded', () => {
    const segment = fc
      .string({ unit: 'grapheme', minLength: 1 })
      .filter(
        (text) =>
          text !== '.' && !text.split('/').includes('..') && ![...text].some((c) => c < ' ' || c === '\x7f'),
      );
    fc.assert(
      fc.property(fc.array(segment), (segments) => {
        const raw = `/${segments.map(encodeURIComponent).join('/')}`;
        expect(parseTarget(raw)?.segments).toEqual(segments);
      }),
    );
  });

  it('never throws and lets no dot-dot, empty or control segment through', () => {
    const byte = fc.nat(255).map((code) => String.fromCharCode(code));
    const hostile = fc.constantFrom('/', '..', '%2e', '%2F', '%00', '//', '?', '#', 'http://', 'a', '%');
    const raw = fc.array(fc.oneof(byte, hostile), { maxLength: 40 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(raw, (text) => {
        for (const segment of parseTarget(`/${text}`)?.segments ?? []) {
          expect(['', '.']).not.toContain(segment);
          expect(segment.split('/')).not.toContain('..');
          expect(segment).not.toMatch(/[^ -~\x80-\u{10ffff}]/u);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('agentOf', () => {
  it.each([
    [{ 'user-agent': 'iPXE/1.0.0+git-20190125.36a4c85-5.1' }, 'ipxe'],
    [{ 'user-agent': 'gPXE/1.0.1' }, 'ipxe'],
    [{ 'user-agent': 'UefiHttpBoot/1.0' }, 'uefi-http'],
    [{ 'user-agent': 'Syslinux/6.04' }, 'syslinux'],
    [{ 'user-agent': 'curl/7.88.1 iPXE/1' }, 'other'],
    [{ 'user-agent': 'Ruby', user_agent: 'iPXE/1.0.0' }, 'ipxe'],
    [{}, 'other'],
  ])('%j', (headers, agent) => {
    expect(agentOf(headers)).toBe(agent);
  });
});

describe('returnUrl', () => {
  const base = 'http://192.0.2.1';

  it('comes back by the name the client used', () => {
    expect(returnUrl('boot.example:8080', base, '/a?b=c')).toBe('http://boot.example:8080/a?b=c');
    expect(returnUrl('[2001:db8::1]:80', base, '/a')).toBe('http://[2001:db8::1]:80/a');
    expect(returnUrl(undefined, base, 'http://other/a?b')).toBe('http://192.0.2.1/a?b');
    expect(returnUrl(`evil host/\${x}`, base, '/a')).toBe('http://192.0.2.1/a');
  });

  it('holds nothing that iPXE would interpret', () => {
    const char = fc.oneof(
      fc.constantFrom('$', '{', '}', ' ', '#', '\n', 'a'),
      fc.nat(255).map(String.fromCharCode),
    );
    const text = fc.array(char).map((chars) => chars.join(''));
    fc.assert(
      fc.property(text, text, (host, target) => {
        expect(returnUrl(host, base, `/${target}`)).toMatch(/^http:\/\/[^\s${}#]+$/);
      }),
    );
  });
});
