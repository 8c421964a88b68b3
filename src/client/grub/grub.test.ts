import { afterEach, describe, expect, it } from 'vitest';
import {
  fakeEfi,
  fakeInitrd,
  fakeKernel,
  fullServer,
  type ScriptedSite,
  SERVER,
  scriptedSite,
} from '../../../test/scripted-site.ts';
import { bootVirtually } from '../boot.ts';
import { personaOf } from '../personas.ts';
import { parseGrub } from './parse.ts';
import { grubConfigNames } from './search.ts';

const MAC = '52:54:00:77:00:10';
const UUID = '11223344-5566-7788-99aa-bbccddeeff00';

let open: ScriptedSite | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

/** A UEFI machine whose DHCP names this loader, with this configuration beside it. */
async function boot(config: string, loader = 'grub2/grubx64.efi') {
  open = await scriptedSite({
    dhcp: fullServer(() => loader),
    tftp: () => ({
      'grub2/shimx64.efi': fakeEfi(),
      'grub2/grubx64.efi': fakeEfi(),
      'grub2/grub.cfg': config,
      'grub/grub.cfg': config,
      linux: fakeKernel(),
      'initrd.gz': fakeInitrd(),
    }),
    http: () => ({ '/linux': fakeKernel(), '/initrd.gz': fakeInitrd() }),
  });
  const outcome = await bootVirtually({
    persona: personaOf('uefi-x64')!,
    mac: MAC,
    uuid: UUID,
    dhcp: { via: 'server', address: SERVER, port: open.dhcpPort },
    tftpPort: open.tftpPort,
    timeoutMs: 8000,
  });
  return { outcome, log: open.log };
}

const entry = (body: string) => `set timeout=0\nmenuentry 'Install' --id install {\n${body}\n}\n`;

describe('GRUB', () => {
  it('behind shim is fetched by it, and has the place of its configuration built in', async () => {
    const { outcome, log } = await boot(entry('linux /linux\ninitrd /initrd.gz'), 'grub2/shimx64.efi');
    expect(outcome.reached, outcome.why).toBe('kernel');
    const names = log.flatMap((line) => /^TFTP (\S+\.(?:efi|cfg)\S*)/.exec(line)?.[1] ?? []);
    expect([...new Set(names)]).toEqual(['grub2/shimx64.efi', 'grub2/grubx64.efi', 'grub/grub.cfg']);
  });

  it('looks for its configuration from the UUID to grub.cfg, before it reads it', async () => {
    const { outcome, log } = await boot(entry('linux /linux quiet splash\ninitrd /initrd.gz'));
    expect(outcome).toMatchObject({
      reached: 'kernel',
      cmdline: 'quiet splash',
      initrds: [{ format: 'gzip' }],
    });
    expect(outcome.steps.filter(({ kind }) => kind === 'warning')).toEqual([]);
    const names = log.filter((line) => line.startsWith('TFTP ') && !line.startsWith('TFTP ERROR'));
    expect([...new Set(names.map((line) => line.split(' ')[1]))]).toEqual([
      'grub2/grubx64.efi',
      ...grubConfigNames(UUID, MAC, 0x7f4d0032).map((name) => `grub2/${name}`),
      'linux',
      'initrd.gz',
    ]);
    const at = log.findIndex((line) => line.startsWith('TFTP grub2/grub.cfg '));
    expect(log.slice(at, at + 3)).toEqual([
      'TFTP grub2/grub.cfg blksize=1024 tsize=0',
      'TFTP ERROR 0',
      'TFTP grub2/grub.cfg blksize=1024 tsize=0',
    ]);
    expect(log.filter((line) => line.startsWith('TFTP linux'))).toEqual(['TFTP linux blksize=1024 tsize=0']);
    expect(grubConfigNames(UUID, MAC, 0x7f4d0032).slice(0, 3)).toEqual([
      'grub.cfg-44332211-6655-8877-99aa-bbccddeeff00',
      'grub.cfg-01-52-54-00-77-00-10',
      'grub.cfg-7F4D0032',
    ]);
  });

  it('takes the branch of an if, and the other device when the first has no such file', async () => {
    const { outcome } = await boot(
      entry(
        'if linux (tftp,127.0.0.1)/missing; then\n initrd /no\nelse\n linux /linux b\n initrd /initrd.gz\nfi',
      ),
    );
    expect(outcome).toMatchObject({ reached: 'kernel', cmdline: 'b' });
    expect(outcome.console.join('\n')).toContain("file `(tftp,127.0.0.1)/missing' not found");
  });

  it.each<[string, string, string, string | undefined]>([
    ['no time limit', "menuentry 'x' {\n linux /linux\n}", 'menu', undefined],
    ['no entry', 'set timeout=0\n', 'menu', undefined],
    ['an entry that boots nothing', entry('echo $net_default_mac'), 'menu', undefined],
    ['an initrd without a kernel', entry('initrd /initrd.gz'), 'menu', undefined],
    ['exit', entry('exit'), 'local-boot', undefined],
    ['exit outside of an entry', 'if false; then\n reboot\nelse\n exit\nfi', 'local-boot', undefined],
    ['the disk', entry('set root=hd0\nchainloader +1'), 'local-boot', undefined],
    [
      'no disk that has a loader',
      entry('for d in (*); do if [ -f $d/x ]; then boot; fi; done; exit'),
      'local-boot',
      undefined,
    ],
    ['reboot', entry('reboot'), 'failed', 'script-ended'],
    ['a quote that is never closed', "menuentry 'x {", 'failed', 'config-unusable'],
    ['an if without fi', entry('if true; then boot'), 'failed', 'config-unusable'],
    ['a configuration that fetches itself', 'configfile /grub2/grub.cfg', 'failed', 'script-endless'],
  ])('%s', async (_, config, reached, code) => {
    const { outcome } = await boot(config);
    expect([outcome.reached, outcome.code], outcome.why).toEqual([reached, code]);
  });

  it('boots the entry that default names, by id, title or number', async () => {
    const menu = (chosen: string) =>
      `set default=${chosen}\nset timeout=5\nmenuentry 'One' --id first { linux /linux 1; }\nmenuentry "Two" { linux /linux 2; }\n`;
    for (const [chosen, cmdline] of [
      ['first', '1'],
      ['Two', '2'],
      ['1', '2'],
      ['', '1'],
    ] as const) {
      const { outcome } = await boot(menu(chosen));
      expect(outcome.cmdline, chosen).toBe(cmdline);
      await open!.close();
    }
  });

  it('reads variables, elif and loops', () => {
    expect(
      parseGrub('if [ a = b ]; then echo 1; elif true; then echo 2; fi # no\nfor x in 1 2; do echo $x; done'),
    ).toEqual([
      {
        kind: 'if',
        branches: [
          {
            condition: [{ kind: 'command', words: ['[', 'a', '=', 'b', ']'] }],
            body: [{ kind: 'command', words: ['echo', '1'] }],
          },
          {
            condition: [{ kind: 'command', words: ['true'] }],
            body: [{ kind: 'command', words: ['echo', '2'] }],
          },
        ],
        otherwise: [],
      },
      { kind: 'for', name: 'x', words: ['1', '2'], body: [{ kind: 'command', words: ['echo', '$x'] }] },
    ]);
  });
});
