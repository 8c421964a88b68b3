/** Answers and batch files of Windows. Nothing on a Linux machine runs the latter; their structure is checked. */

import { describe, expect, it } from 'vitest';
import { lintScript } from '../../../src/formats/ipxe/lint.ts';
import { type Case, rendered } from '../cases.ts';
import { expectAccepted, renderedWith, renderingsOf } from './tools.ts';

const TOKEN = '5f0c2b8e-7d3a-4e6f-9b1c-2a3d4e5f6071';
const LONG = 'win-static-of-a-long-name';

function find(template: string, host: string): Case {
  return renderingsOf(template).find(([name]) => name === host)![1];
}

const textFor = (template: string, host: string) => rendered(find(template, host));

/** Text of the first element with this name. */
function element(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}(?: [^>]*)?>(.*?)</${name}>`, 's').exec(xml)?.[1]?.trim();
}

describe('answers', () => {
  it.for(renderingsOf('Windows default provision'))('%s', ([, each], ctx) => {
    const text = rendered(each);
    expect(text).toMatch(/^<\?xml version="1\.0" encoding="utf-8"\?>\n/);
    const password = element(text, 'AdministratorPassword')!;
    expect(Buffer.from(element(password, 'Value')!, 'base64').toString('utf16le')).toBe(
      'secretAdministratorPassword',
    );
    expect(element(text, 'ComputerName')!.length).toBeLessThanOrEqual(15);
    expectAccepted(ctx, { program: 'xmllint', args: ['--noout', '-'], debianPackage: 'libxml2-utils' }, text);
  });

  it('leaves cards to DHCP, or gives them both families', () => {
    expect(textFor('Windows default provision', 'win-dhcp')).not.toContain('Microsoft-Windows-TCPIP');
    const dual = textFor('Windows default provision', 'win-dual');
    expect(element(dual, 'UnicastIpAddresses')).toMatch(/>198\.51\.100\.73\/24<[\s\S]*>2001:db8:2::73\/64</);
    expect([...dual.matchAll(/<Identifier>(52-[^<]+)</g)].map(([, mac]) => mac)).toEqual([
      '52-54-00-00-70-03',
      '52-54-00-00-70-04',
      '52-54-00-00-70-03',
      '52-54-00-00-70-04',
    ]);
    expect(dual.match(/<NextHopAddress>/g)).toHaveLength(2);
  });

  it('joins a domain with an account, or with a password made before', () => {
    const secure = element(textFor('Windows default provision', LONG), 'Identification')!;
    expect(element(secure, 'Password')).toBe('p&lt;&amp;&gt;w');
    expect(secure).not.toContain('UnsecureJoin');
    const unsecure = element(textFor('Windows default provision', 'win-dual'), 'Identification')!;
    expect(element(unsecure, 'MachinePassword')).toBe('made before');
    expect(unsecure).not.toContain('Credentials');
  });

  it('refuses what Windows could not read', () => {
    const given = (changes: Parameters<typeof renderedWith>[3]) => () =>
      renderedWith('Windows default provision', 'win-dhcp', {}, changes);
    expect(given({ root_pass: '$6$salt$hash' })).toThrow('password_hash Base64-Windows');
    const [card] = find('Windows default provision', 'win-dhcp').host!.interfaces;
    const bond = { ...card!, type: 'bond', virtual: true, identifier: 'bond0' } as const;
    expect(given({ interfaces: [bond] })).toThrow('is virtual');
  });
});

const BATCH = [...renderingsOf('Windows peSetup.cmd'), ...renderingsOf('Windows default finish')];

describe('batch files', () => {
  it.for(BATCH)('%s', ([, each]) => {
    const text = rendered(each);
    // With other line ends, cmd.exe misses labels.
    expect(text).not.toMatch(/(?<!\r)\n/);
    const lines = text.split('\r\n');
    const labels = lines.flatMap((line) => /^:(\w+)$/.exec(line)?.[1] ?? []);
    expect(new Set(labels).size).toBe(labels.length);
    for (const [, label] of text.matchAll(/(?:goto |call :)(\w+)/g)) expect(labels).toContain(label);
    for (const line of lines) {
      expect((line.match(/"/g) ?? []).length % 2, line).toBe(0);
      // A per cent sign stands around a variable, before one of a loop or an argument, or twice.
      const rest = line.replace(/%%|%~?\d|%\w+(?::[^%]*)?%/g, '');
      expect(rest, line).not.toContain('%');
      // Outside of quotes an ampersand ends a command, whoever wrote it.
      expect(line.replace(/"[^"]*"/g, '').replace(/&&|\^&|2>&1/g, ''), line).not.toContain('&');
    }
    const depth = lines.map((line) => (/\($/.test(line) ? 1 : /^\)$/.test(line) ? -1 : 0));
    expect(depth.reduce<number>((sum, step) => sum + step, 0)).toBe(0);
    expect(text).toContain(`/unattended/built?token=${TOKEN}"`);
    expect(text).not.toMatch(/\btimeout \/t|\bping -n/);
  });

  it('peSetup.cmd is its own winpeshl.ini', () => {
    const [first, ...lines] = textFor('Windows peSetup.cmd', 'win-dhcp').split('\r\n');
    expect(first).toBe('@goto setup');
    const sections = lines.filter((line) => /^\[.*\]$/.test(line));
    expect(sections).toEqual(['[LaunchApps]', '[Script]']);
    const started = lines.slice(lines.indexOf('[LaunchApps]') + 1, lines.indexOf('[Script]'));
    expect(started).toEqual(['%SYSTEMROOT%\\System32\\cmd.exe, /k %SYSTEMROOT%\\System32\\peSetup.cmd']);
    expect(lines.indexOf(':setup')).toBe(lines.indexOf('[Script]') + 1);
  });

  it('goes on after a failed step nowhere', () => {
    for (const host of ['win-dhcp', LONG, 'win-dual']) {
      const text = textFor('Windows peSetup.cmd', host);
      for (const [line] of text.matchAll(/^(?:diskpart|dism|bcdboot|%FETCH%|net use|copy)[^\r]*/gm))
        expect(line).toMatch(/ \|\| goto failed$/);
      expect(text.indexOf('diskpart.exe')).toBeLessThan(text.indexOf('/Apply-Image'));
      expect(text.indexOf('bcdboot.exe')).toBeLessThan(text.indexOf('/unattended/built'));
      expect(text.indexOf('/unattended/built')).toBeLessThan(text.indexOf('wpeutil reboot'));
    }
  });

  it('sets the boot sector of a BIOS alone', () => {
    expect(textFor('Windows peSetup.cmd', 'win-dhcp')).toContain('bootsect.exe /nt60');
    expect(textFor('Windows peSetup.cmd', LONG)).not.toContain('bootsect.exe');
    expect(textFor('Windows peSetup.cmd', LONG)).toContain('convert gpt');
  });

  it('takes the image from a share, or over HTTP', () => {
    const share = textFor('Windows peSetup.cmd', LONG);
    expect(share).toContain('net use Z: "\\\\files.example.com\\win2022" /user:setup "50%%&off"');
    expect(share).toContain('/Name:"Windows Server 2022 100%% & more"');
    expect(share).not.toContain('%FETCH%');
    const http = textFor('Windows peSetup.cmd', 'win-dual');
    expect(http).toContain('%FETCH% "%IMAGE%" "http://win.example.com/2022/x86_64/sources/install.wim"');
    expect(http).toContain('--proxy http://proxy.example.com:3128');
    expect(http).toContain('/Index:1');
  });

  it('finds the card of a static network by its address', () => {
    expect(textFor('Windows peSetup.cmd', 'win-dhcp')).not.toContain(':adapter');
    const dual = textFor('Windows peSetup.cmd', 'win-dual');
    expect(dual).toContain('find /i "52-54-00-00-70-03"');
    expect(dual).toContain('netsh interface ipv6 add address interface="%NIC%" address=2001:db8:2::73/64');
  });

  it('leaves no passwords behind, unless it is asked to', () => {
    expect(textFor('Windows default finish', 'win-dhcp')).toContain(
      'del /q C:\\Windows\\Panther\\unattend.xml',
    );
    expect(textFor('Windows default finish', 'win-dual')).not.toContain('del /q');
  });
});

describe('iPXE', () => {
  it.for(renderingsOf('Windows default iPXE'))('%s', ([, each]) => {
    const text = rendered(each);
    expect(lintScript(text)).toEqual([]);
    const names = [...text.matchAll(/^initrd --name (\S+) (\S+) (\S+) \|\| goto failed$/gm)];
    for (const [, name, , argument] of names) expect(argument).toBe(name);
    expect(names.map(([, name]) => name)).toEqual([
      'peSetup.cmd',
      'winpeshl.ini',
      'unattend.xml',
      'foreman-finish.bat',
      'bcd',
      'boot.sdi',
      'boot.wim',
    ]);
    expect(text).toMatch(/^kernel http:\/\/win\.example\.com\/2022\/x86_64\/wimboot/m);
  });
});
