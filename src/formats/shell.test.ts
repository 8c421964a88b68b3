import { describe, expect, it } from 'vitest';
import { type Format, shellParts, type Target } from './format.ts';
import { shellFinding } from './shell.ts';

const REDHAT: Target = { name: 'Rocky', major: '9', family: 'Redhat' };
const DEBIAN: Target = { name: 'Debian', major: '12', family: 'Debian' };

const parts = (format: Format, text: string, os: Target = DEBIAN) =>
  shellParts(format, text, os).map(({ shell, text: part, offset }) => {
    expect(text.slice(offset, offset + part.length)).toBe(part);
    return [shell, part];
  });

describe('what a shell runs of a text', () => {
  it('is a script, read by the shell of its first line', () => {
    expect(parts('shell', '#!/bin/sh\na\n')).toEqual([['sh', '#!/bin/sh\na\n']]);
    expect(parts('shell', '#!/bin/sh\na\n', REDHAT)).toEqual([['bash', '#!/bin/sh\na\n']]);
    expect(parts('shell', '#!/usr/bin/env -S bash -e\na\n')[0]![0]).toBe('bash');
    expect(parts('shell', 'a\n')[0]![0]).toBe('sh');
    expect(parts('shell', '#!/usr/bin/python3\nprint()\n')).toEqual([]);
  });

  it('is %pre and %post of a kickstart, unless another program is named', () => {
    const text =
      'text\n%packages\n@core\n%end\n%pre --log=/a\na\nb\n%end\n%post --interpreter=/usr/bin/python3\nc\n%end\n%post --interpreter /bin/bash\nd\n%end\n%post\n%end\n';
    expect(parts('kickstart', text, REDHAT)).toEqual([
      ['bash', 'a\nb\n'],
      ['bash', 'd\n'],
    ]);
  });

  it('is the commands of a preseed file, with their continued lines', () => {
    const text =
      'd-i a/b string x\nd-i preseed/late_command string a; \\\n  b\nd-i partman/early_command string c\n';
    expect(parts('preseed', text)).toEqual([
      ['sh', 'a; \\\n  b'],
      ['sh', 'c'],
    ]);
  });

  it('is the commands of cloud-config and autoinstall that stand in it as they are run', () => {
    const text =
      '#cloud-config\nruncmd:\n- echo a; echo b\n- [c, d]\n- "e f"\n- "g \\n"\n- |\n  h\nautoinstall:\n  late-commands: [\'i\', j]\n';
    const commands = ['echo a; echo b', 'e f', 'i', 'j'];
    expect(parts('autoinstall', text)).toEqual(commands.map((command) => ['sh', command]));
    expect(parts('cloud-config', text, REDHAT)[0]![0]).toBe('bash');
  });

  it('is the scripts of an AutoYaST profile that a shell runs', () => {
    const script = (source: string, interpreter = '') =>
      `<script>${interpreter}<source>${source}</source></script>`;
    const text = `<?xml version="1.0"?>\n<profile xmlns="http://www.suse.com/1.0/yast2ns"><scripts><init-scripts>
      ${script('\n<![CDATA[\nif a\n]]>')}${script('b')}${script('a &amp;&amp; b')}${script('c', '<interpreter>perl</interpreter>')}
    </init-scripts></scripts></profile>`;
    expect(parts('autoyast', text).map(([, part]) => part)).toEqual(['\nif a\n', 'b']);
    const plain = `<?xml version="1.0"?>\n<profile xmlns="http://www.suse.com/1.0/yast2ns">${script('<![CDATA[if a\n]]>')}</profile>`;
    expect(parts('autoyast', plain)).toEqual([['bash', 'if a\n']]);
  });
});

describe('what shells complain about', () => {
  const part = { shell: 'sh', text: 'one\ntwo\nthree\n', offset: 100 } as const;
  it.each([
    ['dash', 'sh: 3: Syntax error: end of file unexpected\n', 108, 'end of file unexpected'],
    ['dash by its path', '/bin/sh: 2: Syntax error: "fi" unexpected\n', 104, '"fi" unexpected'],
    [
      'bash',
      "bash: line 2: syntax error near unexpected token `fi'\nbash: line 2: `fi'\n",
      104,
      "near unexpected token `fi'",
    ],
    ['a line behind the end', 'sh: 9: Syntax error: x\n', 114, 'x'],
    ['something else', 'no idea', 100, 'no idea'],
  ])('%s', (_, complaint, offset, message) => {
    expect(shellFinding(part, complaint)).toEqual({
      offset,
      severity: 'error',
      message: `sh cannot read this: ${message}`,
    });
  });
});
