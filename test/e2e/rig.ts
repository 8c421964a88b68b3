/**
 * One machine and one server on a network of their own, for the workflows: the built program as a user starts it,
 * QEMU with real firmware, Debian's real installer.
 *
 *     namespace ── br0 10.77.0.1/24 (chainboot serve, perhaps a foreign DHCP server)
 *                   ├── tap0 ── machine
 */

import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type TestContext } from 'vitest';
import type { Diagnosis } from '../../src/boot/diagnose/types.ts';
import { sentence } from '../../src/boot/reason.ts';
import type { Step } from '../../src/boot/step.ts';
import { type Child, startChild } from '../../src/lab/child.ts';
import { followTrace } from '../../src/lab/follow.ts';
import { DEBIAN_MIRROR, makeDebianMedium } from '../../src/lab/medium.ts';
import { onConsole, onFile, onStep } from '../../src/lab/milestones.ts';
import { whatIsMissing } from '../../src/lab/needs.ts';
import { createLab, type Lab } from '../../src/lab/netns.ts';
import { type Machine, type MachineOptions, type Nic, startMachine, type Uefi } from '../../src/lab/qemu.ts';
import { type Milestone, Story } from '../../src/lab/story.ts';
import { parseMac } from '../../src/net/mac.ts';
import { Daemon, installing } from '../system/daemon.ts';
import { makeQuickInstaller } from './quick-installer.ts';
import { FAR_SERVER, makeFar } from './relayed.ts';
import { makeUpstream, startBehind, UPSTREAM_URL } from './upstream.ts';

export const SERVER = '10.77.0.1';
export const MAC = parseMac('52:54:00:77:00:10')!;
export const HOST = 'vm1.lab';
const SUBNET = { name: 'lab', network: '10.77.0.0/24', gateway: SERVER, dns_primary: SERVER };

export type RigOptions = {
  /** `proxy` and `off` beside a foreign DHCP server. Default: server. */
  readonly mode?: 'server' | 'proxy' | 'off';
  /** Keys of the host's record, over those of a Debian 12 host in build mode. */
  readonly host?: object;
  /** Names of templates of the operating system; default: iPXE and the answers. */
  readonly templates?: readonly string[];
  readonly config?: object;
  readonly site?: object;
  /** What machines reach is a proxy, and the server that has the site lies behind it. */
  readonly proxied?: true;
  /** The server is in another network, behind a relay agent. */
  readonly far?: true;
};

export type Boot = Partial<Omit<MachineOptions, 'inside' | 'onSerial'>>;

export class Rig {
  readonly lab: Lab;
  /** What machines reach. */
  readonly daemon: Daemon;
  /** The server behind it, where it is a proxy. */
  readonly upstream: Daemon | undefined;
  readonly steps: Step[] = [];
  readonly console: string[] = [];
  private story = new Story(() => {});
  private readonly undo: (() => unknown)[] = [];

  private constructor(lab: Lab, daemon: Daemon, upstream?: Daemon) {
    this.lab = lab;
    this.daemon = daemon;
    this.upstream = upstream;
  }

  /** Skips the test with what is missing; else the server runs and its site is applied. */
  static async open(context: TestContext, options: RigOptions = {}): Promise<Rig> {
    const missing = whatIsMissing(process.env.PATH);
    if (missing !== undefined) context.skip(missing);
    const lab = await createLab({ address: `${SERVER}/24` });
    const site = siteOf(options);
    const upstream = options.proxied && makeUpstream(lab, site);
    const far = options.far && makeFar(lab);
    const link = far ? { interface: 'eth0', address: FAR_SERVER } : { interface: 'br0', address: SERVER };
    const daemon = new Daemon({
      link: { ...link, mode: options.mode ?? 'server' },
      ports: { http: 80, tftp: 69, dhcp: 67 },
      site: upstream ? {} : site,
      config: { ...(upstream && { upstream: { url: UPSTREAM_URL } }), ...options.config },
      inside: far ? far.inside : lab.inside,
      ...(upstream && { verb: 'proxy' }),
    });
    const rig = new Rig(lab, daemon, upstream);
    context.onTestFailed(() => console.error(rig.told()));
    rig.undo.push(
      () => lab.close(),
      () => far?.remove(),
      () => upstream?.close(),
      () => daemon.close(),
    );
    try {
      if (upstream) await startBehind(upstream, daemon);
      else await startAlone(daemon);
      rig.undo.push(followTrace(join(daemon.directory, 'chainboot.db'), rig.heard()));
    } catch (error) {
      await rig.close();
      throw error;
    }
    return rig;
  }

  /** Starts another program on the same network, a foreign DHCP server for one. */
  async start(command: readonly string[]): Promise<Child> {
    const keep = (line: string) => this.console.push(`${command[0]}: ${line}`);
    const child = await startChild(this.lab.inside(command), { onLine: keep, onErrorLine: keep });
    this.undo.push(() => child.stop());
    return child;
  }

  /** A BIOS machine with one e1000 unless told otherwise; pulled from its plug at the end of the test. */
  async powerOn(boot: Boot = {}): Promise<Machine> {
    this.story.turnPage();
    const machine = await startMachine({
      nics: [this.nic()],
      memoryMb: 1024,
      firmware: 'bios',
      ...boot,
      inside: this.lab.inside,
      onSerial: (text) => {
        this.console.push(text);
        this.story.feed({ kind: 'machine', at: Date.now(), text });
      },
      onError: (line) => this.console.push(`qemu: ${line}`),
    });
    this.undo.push(() => machine.powerOff());
    void machine.off.then(() => this.story.feed({ kind: 'power', at: Date.now(), on: false, text: '' }));
    return machine;
  }

  nic(fields: Partial<Nic> = {}): Nic {
    return { tap: fields.tap ?? this.lab.addTap(), mac: MAC, model: 'e1000', ...fields };
  }

  /** Milestones in order, each with the seconds it may take. */
  async until(...milestones: readonly (readonly [Milestone, seconds: number])[]): Promise<void> {
    for (const [milestone, seconds] of milestones) await this.story.until(milestone, seconds);
  }

  /** To the kernel's first line and then to `built`, with the whole of kernel and initrd by HTTP. */
  async installs(): Promise<void> {
    await this.until(
      [onFile('kernel', 'linux'), 180],
      [onFile('initrd', 'initrd.gz'), 180],
      [onConsole('kernel-runs', 'Command line:'), 180],
      [onStep('answers', (step) => step.kind === 'http.answers'), 300],
      [onStep('built', (step) => step.kind === 'http.built'), 180],
    );
    await this.isWell();
  }

  /** A boot that was good: no rule says otherwise. */
  async isWell(): Promise<void> {
    await expect.poll(() => this.why().code).toBe('well');
  }

  /** What the server that has the site says when a user asks it why. */
  why(machine: string = MAC): Diagnosis {
    const { stdout, stderr } = (this.upstream ?? this.daemon).cli('why', machine, '--json');
    if (stdout === '') throw new Error(stderr);
    return JSON.parse(stdout) as Diagnosis;
  }

  /** Loaders and configurations that went over TFTP, in order, without repetitions. */
  get tftpFiles(): readonly string[] {
    const names = this.steps.filter((step) => step.kind === 'tftp.file').map((step) => step.what ?? '');
    return [...new Set(names)];
  }

  /** What trace, console and log said: printed when a test fails, whatever it failed at. */
  told(): string {
    const steps = this.steps.map((step) => `${step.kind} ${step.what ?? ''} ${sentence(step.because)}`);
    return [
      'trace:',
      ...steps,
      'console:',
      ...this.console.slice(-40),
      'log:',
      ...this.daemon.log.slice(-15),
    ].join('\n');
  }

  async close(): Promise<void> {
    for (const step of this.undo.splice(0).reverse()) await step();
  }

  private heard(): Story {
    const story = new Story((event) => {
      if (event.kind === 'step') this.steps.push(event.step);
    });
    this.story = story;
    return story;
  }
}

async function startAlone(daemon: Daemon): Promise<void> {
  const medium = join(daemon.directory, 'medium');
  makeDebianMedium(medium);
  makeQuickInstaller(join(medium, DEBIAN_MIRROR, 'initrd.gz'));
  await daemon.start();
}

/** UEFI firmware with variables of its own in the rig's directory. */
export function uefi(rig: Rig, secureBoot = false): Uefi {
  const [code, template] = secureBoot
    ? ['/usr/share/OVMF/OVMF_CODE_4M.ms.fd', '/usr/share/OVMF/OVMF_VARS_4M.ms.fd']
    : ['/usr/share/OVMF/OVMF_CODE_4M.fd', '/usr/share/OVMF/OVMF_VARS_4M.fd'];
  if (!existsSync(code)) throw new Error(`${code} is missing: apt install ovmf`);
  const variables = join(rig.daemon.directory, 'variables.fd');
  copyFileSync(template, variables);
  return { code, variables, secureBoot };
}

function siteOf({ host, templates, site }: RigOptions) {
  // The lab has no mirror to install from: the installer reports success as soon as it has its answers.
  const parameters = {
    chainboot_report: 'early',
    chainboot_poweroff: true,
    kernelcmd: 'console=ttyS0 ipv6.disable=1 mitigations=off',
  };
  return {
    subnets: [{ ...SUBNET, from: '10.77.0.100', to: '10.77.0.200' }],
    operatingsystems: [
      {
        name: 'Debian',
        major: '12',
        family: 'Debian',
        release_name: 'bookworm',
        media: ['Debian local'],
        provisioning_templates: templates ?? ['Preseed default iPXE', 'Preseed default'],
      },
    ],
    hosts: [installing(HOST, MAC, '10.77.0.50', { parameters, ...host })],
    ...site,
  };
}
