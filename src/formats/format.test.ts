/** Tables of texts and what the checkers say about them, with places. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkFormat, FORMATS, type Format, shellParts, type Target } from './format.ts';

/** `line:column severity message`, the message cut where the table stops. */
function said(format: Format, text: string, os?: Target): readonly string[] {
  return checkFormat(format, text, os).map(({ offset, severity, message }) => {
    const before = text.slice(0, offset);
    const line = before.split('\n').length;
    return `${line}:${offset - before.lastIndexOf('\n')} ${severity} ${message}`;
  });
}

type Row = readonly [name: string, text: string, ...expected: readonly string[]];

function table(format: Format, rows: readonly Row[], os?: Target): void {
  it.each(rows)(`${format}: %s`, (_, text, ...expected) => {
    const found = said(format, text, os);
    expect(found.map((line, i) => line.slice(0, expected[i]?.length ?? line.length))).toEqual(expected);
  });
}

const RHEL9: Target = { name: 'Rocky', major: '9', family: 'Redhat' };

describe('what checkers say', () => {
  table('ipxe', [
    ['a script', '#!ipxe\nkernel http://x/vmlinuz a=b\nboot\n'],
    ['a command that builds may lack, with a way out', '#!ipxe\nping 192.0.2.1 || echo no\n'],
    ['one without', '#!ipxe\nping 192.0.2.1\n', "2:1 warning Debian's iPXE builds come without"],
    ['no magic', '\n#!ipxe\nboot\n', '1:1 error a script must start with'],
    [
      'a command that there is not',
      '#!ipxe\nboot || goto no\nkernle x\n',
      '2:1 error there is no label',
      '3:1 error there is no command "kernle"',
    ],
  ]);

  table('pxelinux', [
    [
      'a menu',
      'DEFAULT linux\nTIMEOUT 10\nLABEL linux\n  MENU LABEL x\n  KERNEL a\n  APPEND initrd=b c\n  IPAPPEND 2\n',
    ],
    ['help', 'LABEL a\nKERNEL b\nTEXT HELP\n  any words here\nENDTEXT\n'],
    ['help without end', 'LABEL a\nKERNEL b\n  TEXT HELP\nwords\n', '3:3 error TEXT HELP is never closed'],
    [
      'a keyword that there is not',
      'LABEL a\n  KERNEL b\n  APEND c\n',
      '3:3 error there is no keyword "apend", so the line is passed over (did you mean "append"?)',
    ],
    ['a kernel outside of labels', 'KERNEL a\n', '1:1 error KERNEL belongs below a LABEL'],
    [
      'a label that boots nothing',
      'LABEL a\nLABEL b\nLOCALBOOT 0\n',
      '1:1 warning this LABEL names no KERNEL',
    ],
    ['two labels of a name', 'LABEL a\nKERNEL x\nLABEL A\nKERNEL y\n', '3:1 warning there is another LABEL'],
    [
      'no number, no value',
      'TIMEOUT soon\nDEFAULT\n',
      '1:1 error TIMEOUT needs a number',
      '2:1 error DEFAULT needs a value',
    ],
    [
      'a command line too long',
      `LABEL a\nKERNEL b\nAPPEND ${'x'.repeat(2048)}\n`,
      '3:1 warning PXELINUX cuts command lines off after 2047',
    ],
  ]);

  table('grub', [
    [
      'everything that is fine',
      'set timeout=10\ninsmod http\nfunction go { echo $1; }\nif [ "$x" = \'a;b\' ]; then\n  go "}"\nelif true; then\n  echo b\nelse\n  true\nfi\n' +
        'for i in a b; do echo $i; done\nwhile false; do echo; done\nmenuentry "Install \\"x\\"" --id a {\n  linux (http)/k \\\n    a=b\n  initrd /i\n}\nsubmenu "more" { menuentry b { chainloader x; }\n}\n',
    ],
    ['a quote without end', 'menuentry "Install {\n  linux a\n}\n', '1:11 error this quote is never closed'],
    [
      'a block without end',
      "menuentry 'a' {\n  linux /k\n",
      '1:1 error menuentry is never closed: } is missing',
    ],
    ['if without fi', 'if true; then\n  echo a\n', '1:1 error if is never closed: fi is missing'],
    ['if without then', 'if true\n  echo a\nfi\n', '3:1 error "then" is missing before "fi"'],
    ['fi without if', 'echo a\nfi\n', '2:1 error "fi" does not fit here: nothing is open'],
    [
      'blocks that cross',
      "menuentry 'a' {\n  if true; then\n}\nfi\n",
      '3:1 error "}" does not fit here: if is open and needs fi',
      '4:1 error "fi" does not',
    ],
    [
      'initrd before linux',
      "menuentry 'a' {\n  initrd /i\n  linux /k\n}\n",
      '2:3 error initrd comes before any kernel',
    ],
    ['no title', 'menuentry {\n  echo\n}\n', '1:1 error menuentry needs a title'],
    [
      'a command that there is not',
      'linxu /k\n',
      '1:1 warning GRUB has no command "linxu" (did you mean "linux"?)',
    ],
  ]);

  const HEAD =
    'url --url=http://x/\nlang en_US.UTF-8\ntimezone --utc Etc/UTC\nrootpw --iscrypted "$6$a$b"\nautopart\n';
  table(
    'kickstart',
    [
      [
        'a whole one',
        `${HEAD}network --device=52:54:00:00:00:01 --bootproto static --ip=192.0.2.1 --netmask 255.255.255.0\n%packages --ignoremissing\n@core\n-iwl*-firmware\n# comment\nvim # why\n@^minimal environment\n%end\n%post --log=/root/x\nif x; then y; fi\n%end\n%include /tmp/x\n`,
      ],
      ['a section without end', `${HEAD}%post\necho a\n`, '6:1 error %post is never closed: %end is missing'],
      [
        'a section in a section',
        `${HEAD}%packages\n@core\n%post\n%end\n`,
        '6:1 error %packages is never closed',
      ],
      ['%end alone', `${HEAD}%end\n`, '6:1 error %end closes nothing here'],
      [
        'a command that there is not',
        `${HEAD}  netwrok --ip=a\n`,
        '6:3 error there is no command "netwrok" (did you mean "network"?)',
      ],
      [
        'an option that there is not',
        `${HEAD}network --hostnam=a\n`,
        '6:9 error network has no option --hostnam (did you mean "--hostname"?)',
      ],
      [
        'an option without its value',
        `${HEAD}network --hostname --activate\n`,
        '6:9 error --hostname of network needs a value',
      ],
      [
        'an empty value',
        `${HEAD}network --gateway= --onboot=yes\n`,
        '6:9 warning --gateway of network has an empty value',
      ],
      [
        'a static network without address',
        `${HEAD}network --bootproto=static\n`,
        '6:1 error network --bootproto=static needs --ip',
      ],
      ['no password', `${HEAD.replace(' "$6$a$b"', '')}`, '4:1 error rootpw needs a password, or --lock'],
      ['an empty password', `${HEAD.replace('$6$a$b', '')}`, '4:1 error rootpw has an empty password'],
      ['a quote without end', `${HEAD}user --name=a --gecos="b\n`, '6:23 error this quote is never closed'],
      [
        'two packages on a line',
        `${HEAD}%packages\nvim nano\n%end\n`,
        '7:1 error a line of %packages names one package',
      ],
      [
        'a partition without size',
        `${HEAD}part / --fstype=xfs\npart /b --size=big\n`,
        '6:1 error a partition needs --size',
        '7:1 error the --size of a partition is a number',
      ],
      ['a command that is gone', `${HEAD}install\n`, '6:1 error install is no longer known to this release'],
      [
        'nothing but comments',
        '# nothing\n',
        '1:1 warning an installation source',
        '1:1 warning lang',
        '1:1 warning timezone',
        '1:1 warning rootpw or user',
        '1:1 warning storage',
      ],
    ],
    RHEL9,
  );
  table('kickstart part', [
    ['a layout', 'zerombr\nclearpart --all --initlabel\nautopart --type lvm\n'],
    ['a fault', 'clearpart --al\n', '1:11 error clearpart has no option --al (did you mean "--all"?)'],
  ]);

  table('preseed', [
    [
      'lines of every kind',
      '# comment\n\nd-i debian-installer/locale string en_US\nd-i a/b boolean true\nd-i passwd/root-password-crypted password $6$x\nd-i preseed/late_command string \\\n  echo a; \\\n  echo b\npopularity-contest popularity-contest/participate boolean false\nd-i a/empty string\n',
    ],
    ['words missing', 'd-i a/b\n', '1:1 error a line is "owner question type value"'],
    [
      'a type that there is not',
      'd-i a/b strnig x\n',
      '1:1 error there is no type "strnig" of questions (did you mean "string"?)',
    ],
    ['no boolean', 'd-i a/b boolean yes\n', '1:17 error the value of a/b must be true or false'],
    [
      'a continuation cut off by a blank',
      'd-i preseed/late_command string a; \\ \nb\n',
      '1:36 error blanks behind a back-slash',
      '2:1 error a line is',
    ],
    [
      'answered twice',
      'd-i a/b string x\nd-i a/b string y\nd-i c/d string x\nd-i c/d string x\n',
      '2:1 warning a/b is answered twice',
    ],
    ['no question', 'd-i locale string x\n', '1:1 warning "locale" is no name of a question'],
  ]);

  const INSTALL =
    '#cloud-config\nautoinstall:\n  version: 1\n  identity: {hostname: a, username: b, password: "$6$x"}\n';
  table('autoinstall', [
    [
      'a whole one',
      `${INSTALL}  storage:\n    layout: {name: lvm}\n  network:\n    version: 2\n    ethernets:\n      lan: {dhcp4: true}\n  late-commands:\n    - echo a\n    - [echo, b]\n  ssh: {install-server: true, authorized-keys: []}\n`,
    ],
    [
      'no header',
      'autoinstall:\n  version: 1\n  user-data: {}\n',
      '1:1 error the first line must be "#cloud-config"',
    ],
    ['broken YAML', '#cloud-config\nautoinstall:\n  version: 1\n  a: [b\n', '5:1 error'],
    [
      'a key that there is not',
      `${INSTALL}  late-command: []\n`,
      '5:3 warning unknown key autoinstall.late-command (did you mean "late-commands"?)',
    ],
    [
      'a value of the wrong kind',
      `${INSTALL}  updates: some\n  packages: vim\n`,
      '5:12 error autoinstall.updates must be one of: security, all',
      '6:13 error autoinstall.packages must be a list',
    ],
    [
      'identity without password',
      INSTALL.replace(', password: "$6$x"', ''),
      '4:13 error autoinstall.identity.password is missing',
    ],
    [
      'nobody to log in',
      '#cloud-config\nautoinstall:\n  version: 1\n',
      '2:1 error autoinstall needs identity or user-data',
    ],
    [
      'another version',
      INSTALL.replace('version: 1', 'version: 2'),
      '3:12 error autoinstall.version must be one of: 1',
    ],
    [
      'a layout that there is not',
      `${INSTALL}  storage:\n    layout:\n      name: lmv\n`,
      '7:13 error the storage layout is one of',
    ],
    [
      'no autoinstall',
      '#cloud-config\nautoinstal:\n  version: 1\n',
      '2:1 warning unknown key autoinstal (did you mean "autoinstall"?)',
      '2:1 error autoinstall is missing',
    ],
  ]);
  table('cloud-config', [
    [
      'a whole one',
      '#cloud-config\nhostname: a\nruncmd:\n- echo a\n- [b, c]\nwrite_files:\n- path: /a\n  permissions: "0600"\n  content: |\n    x\nphone_home: {url: "http://x"}\n',
    ],
    [
      'a key that there is not',
      '#cloud-config\nruncmds: []\n',
      '2:1 warning unknown key runcmds (did you mean "runcmd"?)',
    ],
    [
      'a file without path',
      '#cloud-config\nwrite_files:\n- content: x\n',
      '3:3 error an entry of write_files.path is missing',
    ],
  ]);

  const IGNITION = '{"ignition": {"version": "3.4.0"}';
  table('ignition', [
    [
      'a whole one',
      `${IGNITION}, "storage": {"files": [{"path": "/a", "mode": 420, "contents": {"source": "data:,a"}}]}, "systemd": {"units": [{"name": "a.service", "enabled": true}]}, "passwd": {"users": [{"name": "core", "sshAuthorizedKeys": ["ssh-ed25519 A"]}]}}`,
    ],
    [
      'a comma too many',
      '{\n  "ignition": {"version": "3.4.0"},\n}\n',
      '2:35 error a comma before "}" is no JSON',
    ],
    ['the end too soon', '{"ignition": ', '1:14 error the text ends where a value should be'],
    ['no version', '{"ignition": {}}', '1:1 error ignition.version is missing'],
    ['an unknown version', '{"ignition": {"version": "4"}}', '1:26 error ignition.version must be'],
    [
      'a relative path',
      `${IGNITION},\n "storage": {"files": [{"path": "a"}]}}`,
      '2:33 error an entry of storage.files.path must be an absolute path',
    ],
    [
      'a key that there is not',
      `${IGNITION}, "system": {}}`,
      '1:36 warning unknown key system (did you mean "systemd"?)',
    ],
    [
      'version 2 without file system',
      '{"ignition": {"version": "2.3.0"}, "storage": {"files": [{"path": "/a"}]}}',
      '1:58 error an entry of storage.files needs a filesystem',
    ],
  ]);
  table('butane', [
    ['flatcar', 'variant: flatcar\nversion: 1.0.0\nstorage: {files: []}\n'],
    ['no variant', 'version: 1.0.0\n', '1:1 error variant is missing'],
  ]);
  table('json', [
    ['fine', '{"a": [1, -2.5e3, null, "\\u00e9"]}'],
    ['a bare word', '{a: 1}', '1:2 error a key in double quotes should be here'],
  ]);

  table('yaml', [
    ['a layout', 'storage:\n  layout: {name: lvm}\n'],
    ['indented by a tab', 'storage:\n\tlayout: a\n', '2:1 error'],
  ]);

  table('talos', [
    [
      'a whole one',
      'version: v1alpha1\nmachine:\n  type: worker\n  token: a.b\n  install: {disk: /dev/sda}\ncluster:\n  controlPlane: {endpoint: "https://192.0.2.1:6443"}\n---\napiVersion: v1alpha1\nkind: HostnameConfig\nhostname: a\n',
    ],
    [
      'a machine of no type',
      'version: v1alpha1\nmachine:\n  type: master\ncluster: {}\n',
      '3:9 error machine.type must be one of: controlplane, worker',
    ],
    ['no cluster', 'version: v1alpha1\nmachine: {type: worker}\n', '1:1 error cluster is missing'],
  ]);

  const PROFILE =
    '<?xml version="1.0"?>\n<!DOCTYPE profile>\n<profile xmlns="http://www.suse.com/1.0/yast2ns" xmlns:config="http://www.suse.com/1.0/configns">\n';
  table('autoyast', [
    [
      'a whole one',
      `${PROFILE}  <general><mode><confirm config:type="boolean">false</confirm></mode></general>\n  <users config:type="list"><user/></users>\n</profile>\n`,
    ],
    ['an element never closed', `${PROFILE}  <general>\n</profile>\n`, '5:'],
    ['a blank line before the declaration', `\n${PROFILE}</profile>`, '2:'],
    [
      'no boolean',
      `${PROFILE}  <a config:type="boolean">yes</a>\n</profile>`,
      '4:3 warning there is no section <a>',
      '4:3 error <a> must be true or false',
    ],
    ['another root', '<profil/>', '1:1 error the root element must be <profile'],
    ['two sections', `${PROFILE}<users/>\n<users/>\n</profile>`, '5:1 error there are two sections <users>'],
    [
      'a prefix nobody declared',
      '<profile xmlns="http://www.suse.com/1.0/yast2ns"><users config:type="list"/></profile>',
      '1:',
    ],
  ]);
  table('autoyast part', [
    ['drives', '<partitioning config:type="list"><drive/></partitioning>\n'],
    ['never closed', '<drive>\n', '2:'],
  ]);

  const UNATTEND =
    '<?xml version="1.0" encoding="utf-8"?>\n<unattend xmlns="urn:schemas-microsoft-com:unattend">\n';
  const component = (name: string) =>
    `<component name="${name}" processorArchitecture="amd64" publicKeyToken="31bf3856ad364e35" language="neutral" versionScope="nonSxS"/>`;
  table('unattend', [
    [
      'a whole one',
      `${UNATTEND}<settings pass="windowsPE">${component('a')}${component('b')}</settings></unattend>`,
    ],
    [
      'a pass that there is not',
      `${UNATTEND}<settings pass="windowsPe"/></unattend>`,
      '3:1 error there is no pass "windowsPe" (did you mean "windowsPE"?)',
    ],
    [
      'a component twice',
      `${UNATTEND}<settings pass="specialize">${component('a')}\n${component('a')}</settings></unattend>`,
      '4:1 error this component is in the same pass already',
    ],
    [
      'a component that lacks something',
      `${UNATTEND}<settings pass="specialize">\n${component('a').replace(' language="neutral"', '')}</settings></unattend>`,
      '4:1 error <component> needs language',
    ],
  ]);

  it.each(FORMATS)('%s: any text is answered', (format) => {
    const words = [
      '\n',
      ' ',
      '#!ipxe',
      '%post',
      '%end',
      '--a=',
      '"',
      "'",
      '\\',
      '{',
      '}',
      '[',
      ']',
      ':',
      '<a',
      '/>',
      '<![CDATA[',
      ']]>',
      '&',
      '- ',
      'd-i a/b string',
      'if',
      'fi',
      '*x',
      '&x',
      '\0',
      'autoinstall:',
      '"ignition"',
      'é',
      '\ud800',
    ];
    const text = fc
      .array(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 4 })), { maxLength: 30 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, (content) => {
        for (const { offset } of checkFormat(format, content)) {
          expect(offset).toBeGreaterThanOrEqual(0);
          expect(offset).toBeLessThanOrEqual(content.length);
        }
        for (const part of shellParts(format, content))
          expect(content.slice(part.offset, part.offset + part.text.length)).toBe(part.text);
      }),
      { numRuns: 150 },
    );
  });
});
