/** The demo with a real machine: QEMU with its iPXE ROM, in a network namespace, installed by the server. */

import { join } from 'node:path';
import { parseMac } from '../net/mac.ts';
import { LAB_NETWORK, MAC, writeDemoFiles } from './demo-files.ts';
import type { DemoStage } from './demo-stage.ts';
import { DISK_SAYS, makeDisk } from './disk.ts';
import { followTrace } from './follow.ts';
import { makeDebianMedium } from './medium.ts';
import { onConsole, onFile, onStep, POWER_OFF } from './milestones.ts';
import { createLab, type Lab } from './netns.ts';
import { type Machine, startMachine } from './qemu.ts';
import { consoleNews, downloadOf } from './serial.ts';
import { applySite, startServer } from './server.ts';
import type { Milestone } from './story.ts';

/** The last steps of a machine that switched itself off reach the trace a moment later. */
const LATE_NEWS_MS = 3000;
/** With 512 the Debian installer stops to say that memory is low; with 256 its kernel finds no init. */
const MEMORY_MB = 1024;

/** Milestones of the installation with the seconds each may take on a slow, busy machine. */
const INSTALLATION: readonly (readonly [Milestone, seconds: number])[] = [
  [onConsole('rom', 'iPXE'), 60],
  [onStep('address', (step) => step.kind === 'dhcp.ack'), 60],
  [onStep('script', (step) => step.kind === 'http.script'), 60],
  [onFile('kernel', 'linux'), 60],
  [onFile('initrd', 'initrd.gz'), 120],
  [onConsole('kernel-runs', 'Command line:'), 120],
  [onStep('answers', (step) => step.kind === 'http.answers'), 240],
  [onStep('built', (step) => step.kind === 'http.built'), 120],
  [POWER_OFF, 120],
];

const SECOND_BOOT: readonly (readonly [Milestone, seconds: number])[] = [
  [onStep('local-script', (step) => step.because.code === 'script-local'), 120],
  [onConsole('local-disk', DISK_SAYS), 60],
];

export const MACHINE_PROOF =
  'a PXE ROM got its address, script, kernel and initrd, the installer fetched its answers and reported the ' +
  'host as built, and at the second power-on the machine was sent to its own disk';

/** @throws ChainbootError LAB_COMMAND when there can be no namespace: nothing has happened then */
export function createDemoLab(): Promise<Lab> {
  return createLab({ address: `${LAB_NETWORK.server}/24` });
}

/** Plays the whole story on `lab`. Everything it makes is handed to `stage.undo`. */
export async function playMachine(stage: DemoStage, lab: Lab): Promise<void> {
  const medium = join(stage.directory, 'debian');
  const disk = join(stage.directory, 'disk.img');
  makeDebianMedium(medium);
  makeDisk(disk);
  const files = writeDemoFiles(stage.directory, medium, LAB_NETWORK);
  await applySite(files.config, files.site);
  await serve(stage, lab, files.config);
  stage.undo(followTrace(files.database, stage.story));

  await powerOn(stage, lab, disk, async () => {
    for (const [milestone, seconds] of INSTALLATION) await stage.story.until(milestone, seconds);
  });
  stage.story.turnPage();
  await powerOn(stage, lab, disk, async () => {
    for (const [milestone, seconds] of SECOND_BOOT) await stage.story.until(milestone, seconds);
  });
}

async function serve(stage: DemoStage, lab: Lab, config: string): Promise<void> {
  const { http, dhcp } = LAB_NETWORK.ports;
  const listens = (socket: string, port: number) =>
    lab.exec(['ss', '--no-header', '--listening', '--numeric', socket, `sport = :${port}`]) !== '';
  const server = await startServer({
    inside: lab.inside,
    config,
    onLog: stage.log,
    isUp: () => listens('--tcp', http) && listens('--udp', dhcp),
  });
  stage.undo(async () => void (await server.stop()));
  void server.exited.then(() => stage.ended('the server'));
}

/** Powers the machine on for as long as `scene` plays. */
async function powerOn(stage: DemoStage, lab: Lab, disk: string, scene: () => Promise<void>): Promise<void> {
  const machine = await plugIn(stage, lab, disk);
  let playing = true;
  void machine.off.then(() => setTimeout(() => playing && stage.ended('the machine'), LATE_NEWS_MS).unref());
  try {
    await scene();
  } finally {
    playing = false;
    await machine.powerOff();
  }
}

async function plugIn(stage: DemoStage, lab: Lab, disk: string): Promise<Machine> {
  const text = `QEMU BIOS machine ${MAC}, iPXE ROM, ${MEMORY_MB} MB`;
  stage.story.feed({ kind: 'power', at: Date.now(), on: true, text });
  const machine = await startMachine({
    inside: lab.inside,
    nics: [{ tap: lab.addTap(), mac: parseMac(MAC)!, model: 'e1000' }],
    memoryMb: MEMORY_MB,
    firmware: 'bios',
    disk,
    onSerial: hearing(stage),
    onPartial: (line) => watch(stage, line),
    onError: stage.log,
  });
  void machine.off.then(() => stage.story.feed({ kind: 'power', at: Date.now(), on: false, text: '' }));
  return machine;
}

/** An installer draws the same dialogue many times; it is told once. */
function hearing(stage: DemoStage): (line: string) => void {
  let last: string | undefined;
  return (line) => {
    stage.console(line);
    const text = consoleNews(line);
    if (text === undefined || text === last) return;
    last = text;
    stage.story.feed({ kind: 'machine', at: Date.now(), text });
  };
}

function watch(stage: DemoStage, line: string): void {
  const download = downloadOf(line);
  if (download !== undefined) stage.progress(download);
}
