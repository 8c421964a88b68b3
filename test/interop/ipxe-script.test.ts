/**
 * The interpreter of the virtual client against a real iPXE (Debian package ipxe, in QEMU with user networking):
 * the same script on both must print the same lines.
 */

import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { BootFailure } from '../../src/client/failure.ts';
import type { IpxeWorld } from '../../src/client/ipxe/machine.ts';
import { Ipxe } from '../../src/client/ipxe/run.ts';
import { parseIpv4 } from '../../src/net/ip.ts';

const QEMU = 'qemu-system-x86_64';
const IPXE = '/usr/lib/ipxe/ipxe.lkrn';
const MAC = '52:54:00:12:34:56';
const UUID = '11223344-5566-7788-99aa-bbccddeeff00';
/** The TFTP server of QEMU's user networking. */
const SERVER = '10.0.2.2';
const BOOT_FILE = 'nothing.ipxe';

/** Lines that count start with `=`; the console is 80 columns wide. */
const SCRIPT = String.raw`#!ipxe
isset \${no} && echo =1 and || echo =1 or
isset x && echo =2 and || echo =2 or
isset \${no} ; echo =3 always
isset \${no} || isset \${no} || echo =4 third
nonsense || echo =5 unknown
set a x y ;  echo =6 [\${a}]
set a b c && iseq \${a} \${a} && echo =7 one word
echo =8 "two  spaces" 'x' \ y
set i 9 && inc i || echo =9 a text cannot be counted
set j:int32 -1 && echo =10 [\${j}] [\${j:uint16}] [\${j:hex}]
inc k && inc k 41 && echo =11 [\${k}] [\${k:hex}]
set space:hex 20 && echo =12 [a\${space:string}b]
set q one two & three=4/5?6:7@8 && echo =13 [\${q:uristring}]
set n 0 && echo =14 [\${net\${n}/mac}] [\${net0/mac:hexhyp}] [\${netX/mac:hexraw}]
echo =15 [\${unset}] [\${unclosed
echo =16 [\${platform}] [\${buildarch}] [\${uuid}] [\${uuid:guid}]
goto b
echo =skipped
:b echo =17 first
goto end
:b
echo =17 second
:end
echo =18 continued \
  line # comment
:lbl  echo =19 # x
set ip 1.2.3.4 && echo =20 [\${ip}] [\${ip:hex}] [\${ip:uint32}]
set net0/ip nonsense || echo =21 refused
set x:nonsense 1 || echo =22 refused
set e ; isset \${e} || echo =23 empty
choose --timeout 1000 t || echo =26 no menu
menu T
item one First
choose t --timeout 1000 || echo =27 options first
prompt --timeout 300 || echo =28 none
time echo =29 timed || echo =29 no such command
goto nowhere || echo =30 handled
|| echo =31 empty succeeds
boot && echo =32 no image, and yet no failure
imgfree nothing || echo =33 no image
set u:uuid ${UUID} || echo =35 refused
set b:base64 aGVsbG8= && echo =36 [\${b}] [\${b:string}]
set l1 $ && set l2 {a} && echo =37 [\${l1}\${l2}]
iseq a A || echo =38 case
isset a b || echo =39 too many
inc net0/zz && echo =40 [\${net0/zz}]
set h:hexhyp aa-bb && echo =41 [\${h}] [\${h:hex}]
sleep 0 && echo =42 slept
clear nothing && echo =47 cleared || echo =47 not cleared
chain nosuchscheme://x || echo =51 chain fails
chain relative || echo =52 chain relative fails
ping -c 1 ${SERVER} || echo =53 no ping
dhcp net0 && echo =60 [\${netX/ip}] [\${next-server}] [\${filename}] || echo =60 failed
echo =61 [\${net0.dhcp/ip}] [\${dhcp-server}] [\${netmask}] [\${gateway}] [\${54:ipv4}]
echo =61 [\${netX/mac:hexraw}] [\${mac:base64}]
iflinkwait --timeout 100 net0 || echo =61 no iflinkwait
ifconf -c dhcp net0 && echo =61 configured
chain tftp://${SERVER}/good && echo =62 ok || echo =62 failed
chain tftp://${SERVER}/bad && echo =63 ok || echo =63 failed
chain tftp://${SERVER}/broken && echo =64 ok || echo =64 failed
chain tftp://${SERVER}/empty && echo =65 ok || echo =65 failed
chain tftp://${SERVER}/missing && echo =66 ok || echo =66 failed
chain tftp://${SERVER}/plain && echo =67 ok || echo =67 failed
chain good && echo =68 ok || echo =68 failed
chain tftp://${SERVER}/d/rel && echo =69 ok || echo =69 failed
chain tftp://${SERVER}/caller && echo =70 ok || echo =70 failed
imgargs bad || echo =71 bad is gone
imgfree bad || echo =72 bad is gone
chain --autofree tftp://${SERVER}/bad || imgfree bad || echo =73 bad is freed
set zz/c 5 && echo =74 [\${zz/c}]
dhcp net7 || echo =75 no such NIC
exit 3 || echo =never
echo =never
`.replaceAll('\\${', '${');
const LAST = '=75 no such NIC';

const FILES: Readonly<Record<string, string>> = {
  good: '#!ipxe\necho =in good\nexit 0\necho =never\n',
  bad: '#!ipxe\nexit 1\n',
  broken: '#!ipxe\nnonsense\n',
  empty: '',
  plain: '#!ipxe\necho =in plain',
  'd/rel': '#!ipxe\nchain other\n',
  'd/other': '#!ipxe\necho =in other of d\n',
  caller: `#!ipxe\nchain --replace --autofree tftp://${SERVER}/replacement || echo =never\necho =never\n`,
  replacement: '#!ipxe\necho =in replacement\nexit 1\n',
};

function hasQemu(): boolean {
  try {
    execFileSync(QEMU, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const marked = (lines: readonly string[]): string[] => lines.filter((line) => line.startsWith('='));

async function runReal(directory: string): Promise<string[]> {
  const served = join(directory, 'served');
  await mkdir(join(served, 'd'), { recursive: true });
  for (const [name, text] of Object.entries(FILES)) await writeFile(join(served, name), text);
  const script = join(directory, 'script');
  const serial = join(directory, 'serial');
  await writeFile(script, SCRIPT);
  const network = `user,model=e1000,mac=${MAC},tftp=${served},bootfile=${BOOT_FILE}`;
  const qemu = spawn(QEMU, [
    ...[
      '-machine',
      'pc,graphics=off,accel=tcg',
      '-m',
      '128',
      '-display',
      'none',
      '-monitor',
      'none',
      '-no-reboot',
    ],
    ...['-uuid', UUID, '-nic', network, '-serial', `file:${serial}`, '-kernel', IPXE, '-initrd', script],
  ]);
  const exited = new Promise((resolve) => qemu.once('exit', resolve));
  try {
    for (let tries = 0; tries < 300; tries++) {
      await sleep(200);
      const lines = consoleLines(await readFile(serial, 'latin1').catch(() => ''));
      if (lines.includes(LAST) || lines.some((line) => line.startsWith('Booting from Hard')))
        return marked(lines);
    }
    throw new Error('the real iPXE did not come to the end of the script');
  } finally {
    qemu.kill();
    await exited;
  }
}

function consoleLines(serial: string): string[] {
  // Menus move the cursor about; what matters here begins a line.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal escape sequences start with ESC.
  const plain = serial.replace(/\x1b\[[0-9;?]*[a-zA-Z]/g, '\n');
  return plain.split(/[\r\n]+/).map((line) => line.trim());
}

async function runOurs(): Promise<string[]> {
  const address = (text: string): number => parseIpv4(text)!;
  const bytes = (text: string): Uint8Array => Uint8Array.from(text.split('.'), Number);
  const world: IpxeWorld = {
    platform: 'pcbios',
    buildarch: 'i386',
    uuid: UUID,
    macs: [MAC],
    dhcp: async () => ({
      ip: address('10.0.2.15'),
      nextServer: address(SERVER),
      filename: BOOT_FILE,
      options: new Map([
        [1, bytes('255.255.255.0')],
        [3, bytes(SERVER)],
        [54, bytes(SERVER)],
      ]),
    }),
    fetch: async (url) => {
      const text = FILES[url.replace(`tftp://${SERVER}/`, '')];
      if (text === undefined) throw new BootFailure('tftp-error', url);
      const head = new TextEncoder().encode(text);
      return { url, bytes: head.length, sha256: '', head };
    },
    sleep: async () => {},
    tell: () => {},
    signal: new AbortController().signal,
  };
  const ipxe = new Ipxe(world);
  await ipxe.runText('script', SCRIPT);
  return marked(ipxe.console.flatMap((text) => text.split('\n')).map((line) => line.trim()));
}

it('prints what a real iPXE prints, line by line', { timeout: 90_000 }, async (ctx) => {
  if (!hasQemu()) return ctx.skip(`${QEMU} (Debian package qemu-system-x86)`);
  if (!existsSync(IPXE)) return ctx.skip(`${IPXE} (Debian package ipxe)`);
  const directory = await mkdtemp(join(tmpdir(), 'chainboot-script-'));
  try {
    const ours = await runOurs();
    expect(ours.at(-1)).toBe(LAST);
    expect(ours).toEqual(await runReal(directory));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
