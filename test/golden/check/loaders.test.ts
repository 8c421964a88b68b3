/** What boot loaders are given: their own grammar, their own quoting, and a kernel line that leads to the answers. */

import { describe, expect, it } from 'vitest';
import { lintScript } from '../../../src/formats/ipxe/lint.ts';
import { parseScript } from '../../../src/formats/ipxe/parse.ts';
import { chooseEntry, parseConfig } from '../../../src/formats/pxelinux/config.ts';
import { type Case, cases, rendered } from '../cases.ts';
import { expectAccepted } from './tools.ts';

const ofKind = (kind: Case['template']['kind']) =>
  cases.filter(({ template }) => template.kind === kind).map((each) => [each.file, each] as const);

const TOKEN = /[?&]token=5f0c2b8e-7d3a-4e6f-9b1c-2a3d4e5f6071(?:[\s&]|$)/;
const ANSWERS = /^(?:inst\.)?ks=|^url=/;

/** The word of a kernel line that names the answers. */
function answersIn(line: string): string | undefined {
  return line.split(/\s+/).find((word) => ANSWERS.test(word));
}

/** Templates that start an installer of these families; those of others are checked beside their own hosts. */
const startsInstaller = ({ template }: Case) =>
  /^(?:Kickstart|Preseed) default (?:iPXE|PXELinux|PXEGrub2)$/.test(template.name);

describe('iPXE', () => {
  it.for(ofKind('iPXE'))('%s', ([, each]) => {
    const text = rendered(each);
    expect(lintScript(text)).toEqual([]);
    expect(text).not.toContain('\\&');
    if (!startsInstaller(each)) return;
    const parsed = parseScript(text);
    if (!parsed.ok) throw new Error('not a script');
    const commands = parsed.script.lines.flatMap((line) => line.commands.map(({ words }) => words));
    const kernel = commands.find(([name]) => name === 'kernel')!;
    const initrd = commands.find(([name]) => name === 'initrd')!;
    expect(answersIn(kernel.join(' '))).toMatch(TOKEN);
    // UEFI kernels find the initrd by the name it is given.
    expect(kernel).toContain(`initrd=${initrd[initrd.indexOf('--name') + 1]}`);
    expect(kernel).toContain('BOOTIF=01-${netX/mac:hexhyp}');
  });
});

describe('PXELINUX', () => {
  it.for(ofKind('PXELinux'))('%s', ([, each]) => {
    const text = rendered(each);
    const entry = chooseEntry(parseConfig(text));
    expect(entry?.localBoot || entry?.kernel !== undefined).toBe(true);
    expect(text).not.toContain('\\&');
    if (!startsInstaller(each)) return;
    expect(answersIn(entry!.append)).toMatch(TOKEN);
    expect(entry!.initrds).toHaveLength(1);
    expect(entry!.append).toMatch(/ BOOTIF=01-52-54-00-/);
  });
});

describe('GRUB', () => {
  it.for(ofKind('PXEGrub2'))('%s', ([, each], ctx) => {
    const text = rendered(each);
    if (startsInstaller(each)) {
      const kernels = [...text.matchAll(/^\s*(?:if )?linux (\S+) (.*?)(?:; then)?$/gm)];
      const initrds = [...text.matchAll(/^\s*initrd (\S+)$/gm)].map(([, file]) => file);
      // Over HTTP, else by TFTP; the same options both times.
      expect(kernels.map(([, file]) => file)).toEqual([
        expect.stringMatching(/^\(https?,[^)]+\)\//),
        expect.stringMatching(/^\/boot\//),
      ]);
      expect(initrds).toEqual([
        expect.stringMatching(/^\(https?,[^)]+\)\//),
        expect.stringMatching(/^\/boot\//),
      ]);
      const [line, again] = kernels.map(([, , options]) => options!);
      expect(line).toBe(again);
      expect(answersIn(line!)).toMatch(TOKEN);
      // An ampersand ends the command, a semicolon too.
      expect(line).not.toMatch(/(?<!\\)[&;]/);
    }
    expectAccepted(ctx, { program: 'grub-script-check', debianPackage: 'grub-common' }, text);
  });
});
