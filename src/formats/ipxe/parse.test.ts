// biome-ignore-all lint/suspicious/noTemplateCurlyInString: iPXE writes its settings as ${name}.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lintScript } from './lint.ts';
import { hasMagic, parseCommands, parseScript, type Script } from './parse.ts';

function script(text: string): Script {
  const parsed = parseScript(text);
  if (!parsed.ok) throw new Error(parsed.problems[0]!.message);
  return parsed.script;
}

const codes = (text: string) => lintScript(text).map(({ code, line }) => `${code}@${line}`);

describe('parseScript', () => {
  it('wants the magic as the very first bytes and white space after it', () => {
    expect(hasMagic('#!ipxe\n')).toBe(true);
    expect(hasMagic('#!gpxe\r\n')).toBe(true);
    for (const text of ['', '#!ipxe', '#!ipxe2\n', '\n#!ipxe\n', '\ufeff#!ipxe\n', ' #!ipxe\n', '<html>']) {
      expect(hasMagic(text), JSON.stringify(text)).toBe(false);
      expect(parseScript(text).ok).toBe(false);
    }
  });

  it('reads labels, commands on the label line, comments, CRLF and a missing last line break', () => {
    const { lines } = script('#!ipxe\r\n:top echo hello # not this\r\n\r\n  boot');
    expect(lines.map(({ number, label, commands }) => [number, label, commands[0]!.words])).toEqual([
      [1, undefined, []],
      [2, 'top', ['echo', 'hello']],
      [3, undefined, []],
      [4, undefined, ['boot']],
    ]);
  });

  it('joins continued lines and counts on from their first', () => {
    const { lines } = script('#!ipxe\nkernel vmlinuz \\\n  quiet \\\r\n  splash\nboot\n');
    expect(lines[1]!.commands[0]!.words).toEqual(['kernel', 'vmlinuz', 'quiet', 'splash']);
    expect(lines[2]).toMatchObject({ number: 5, text: 'boot' });
  });

  it('splits at ||, && and ; that stand alone, and quotes nothing', () => {
    expect(parseCommands('a "b c" || d&&e ; f && g')).toEqual([
      { words: ['a', '"b', 'c"'], next: 'on-failure' },
      { words: ['d&&e'], next: 'always' },
      { words: ['f'], next: 'on-success' },
      { words: ['g'] },
    ]);
  });

  it('never throws, loses no line, and neither does the linter', () => {
    const piece = fc.constantFrom(
      '#!ipxe',
      '\n',
      '\\',
      '${',
      '}',
      ':',
      ' ',
      '||',
      '&&',
      ';',
      '#',
      '\0',
      'goto',
      'set',
      '--',
      '-',
      'x',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece, { maxLength: 60 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (body) => {
        const whole = `#!ipxe\n${body}`;
        const words = script(whole).lines.flatMap((line) =>
          line.commands.flatMap((command) => command.words),
        );
        expect(words.every((word) => word !== '' && !/[ \n\t]/.test(word))).toBe(true);
        for (const problem of [...lintScript(whole), ...lintScript(body)]) {
          expect(problem.line).toBeGreaterThan(0);
          expect(problem.line).toBeLessThanOrEqual(whole.split('\n').length);
        }
      }),
    );
  });
});

describe('lintScript', () => {
  it('has nothing to say about a good script', () => {
    const good = [
      '#!ipxe',
      ':net0',
      'isset ${net0/mac} && goto dhcp_net0 || goto no_nic',
      ':dhcp_net0',
      'dhcp net0 && chain http://192.0.2.1/unattended/iPXE?mac=${net0/mac} || goto no_nic',
      ':menu',
      'menu Boot',
      'item --key l local Local disk',
      'item --gap -- ----',
      'choose --default local --timeout 15000 target && goto ${target}',
      ':local',
      'exit 1',
      ':no_nic',
      'echo no NIC',
    ].join('\n');
    expect(lintScript(good)).toEqual([]);
  });

  it('names what a machine would stumble over, with its line', () => {
    expect(codes('hello')).toEqual(['not-a-script@1']);
    expect(codes('#!ipxe\nkernal x\n')).toEqual(['unknown-command@2']);
    expect(codes('#!ipxe\nfalse || goto nowhere\n')).toEqual(['unknown-command@2', 'label-missing@2']);
    expect(codes('#!ipxe\n:a\n:a\n')).toEqual(['label-twice@3']);
    expect(codes('#!ipxe\nset x ${net0/mac\n')).toEqual(['setting-unterminated@2']);
    expect(codes('#!ipxe\nchoose os --timeout 5\nchain --nope x\nkernel\n')).toEqual([
      'usage@2',
      'usage@3',
      'usage@4',
    ]);
    expect(codes('#!ipxe\nimgtrust --permanent\necho ${uuid:guid}\n')).toEqual([
      'not-in-every-build@2',
      'not-in-every-build@3',
    ]);
    expect(codes('#!ipxe\nset i 0\ninc i\nset j:int32 0\ninc j\n')).toEqual(['text-counted@3']);
  });
});
