/**
 * The demo without a real machine: the same servers on loopback and free high ports, booted by the virtual PXE
 * client. Needs neither root nor QEMU.
 */

import { createServer } from 'node:net';
import { join } from 'node:path';
import { bootVirtually } from '../client/boot.ts';
import type { BootEvent } from '../client/events.ts';
import { personaOf } from '../client/personas.ts';
import { parseMac } from '../net/mac.ts';
import { type DemoNetwork, MAC, writeDemoFiles } from './demo-files.ts';
import type { DemoStage } from './demo-stage.ts';
import { followTrace } from './follow.ts';
import { hasInstaller, makeDebianMedium, makeStandInMedium } from './medium.ts';
import { onConsole, onFile, onStep, POWER_OFF } from './milestones.ts';
import { applySite, startServer } from './server.ts';
import type { Milestone } from './story.ts';

const BOOT_SECONDS = 60;
const STEP_SECONDS = 30;

const INSTALLATION: readonly Milestone[] = [
  onStep('address', (step) => step.kind === 'dhcp.ack'),
  onStep('script', (step) => step.kind === 'http.script'),
  onFile('kernel', 'linux'),
  onFile('initrd', 'initrd.gz'),
  onConsole('kernel-runs', 'Command line:'),
  onStep('answers', (step) => step.kind === 'http.answers'),
  onStep('built', (step) => step.kind === 'http.built'),
  POWER_OFF,
];
const SECOND_BOOT: readonly Milestone[] = [
  onStep('local-script', (step) => step.because.code === 'script-local'),
  POWER_OFF,
];

export const VIRTUAL_PROOF =
  'a virtual PXE client got its address, script, kernel and initrd from the real servers, fetched its answers ' +
  'and reported the host as built, and at the second power-on it was sent to its own disk';

/** Plays the whole story. Everything it makes is handed to `stage.undo`. */
export async function playVirtual(stage: DemoStage): Promise<void> {
  const medium = join(stage.directory, 'debian');
  if (hasInstaller()) makeDebianMedium(medium);
  else makeStandInMedium(medium);
  const network = loopback(await freePorts());
  const files = writeDemoFiles(stage.directory, medium, network);
  await applySite(files.config, files.site);
  await serve(stage, network, files.config);
  stage.undo(followTrace(files.database, stage.story));

  await powerOn(stage, network, INSTALLATION);
  stage.story.turnPage();
  await powerOn(stage, network, SECOND_BOOT);
}

async function serve(stage: DemoStage, network: DemoNetwork, config: string): Promise<void> {
  const url = `http://${network.server}:${network.ports.http}/healthz`;
  const server = await startServer({
    inside: (command) => command,
    config,
    onLog: stage.log,
    isUp: () =>
      fetch(url).then(
        (answer) => answer.ok,
        () => false,
      ),
  });
  stage.undo(async () => void (await server.stop()));
  void server.exited.then(() => stage.ended('the server'));
}

async function powerOn(stage: DemoStage, network: DemoNetwork, scene: readonly Milestone[]): Promise<void> {
  const plug = new AbortController();
  const { server: address, ports } = network;
  stage.story.feed({
    kind: 'power',
    at: Date.now(),
    on: true,
    text: `virtual BIOS machine ${MAC}, iPXE ROM`,
  });
  const boot = bootVirtually({
    persona: personaOf('ipxe-rom')!,
    mac: parseMac(MAC)!,
    dhcp: { via: 'server', address, port: ports.dhcp },
    tftpPort: ports.tftp,
    timeoutMs: BOOT_SECONDS * 1000,
    installer: true,
    signal: plug.signal,
    onEvent: (event) => hear(stage, event),
  }).then((outcome) => {
    stage.story.feed({ kind: 'power', at: Date.now(), on: false, text: outcome.why });
    if (outcome.reached === 'failed') stage.ended(`the virtual machine (${outcome.why})`);
  });
  try {
    for (const milestone of scene) await stage.story.until(milestone, STEP_SECONDS);
  } finally {
    plug.abort();
    await boot;
  }
}

function hear(stage: DemoStage, event: BootEvent): void {
  stage.console(`${event.kind} ${event.text}`);
  if (event.kind !== 'kernel' && event.kind !== 'console' && event.kind !== 'warning') return;
  stage.story.feed({ kind: 'machine', at: Date.now(), text: event.text });
}

function loopback(ports: readonly number[]): DemoNetwork {
  const [http = 0, tftp = 0, dhcp = 0] = ports;
  return {
    interface: 'lo',
    server: '127.0.0.1',
    network: '127.0.0.0/24',
    host: '127.0.0.50',
    from: '127.0.0.100',
    to: '127.0.0.200',
    ports: { http, tftp, dhcp },
  };
}

/** Three ports nobody listens on by TCP; the same numbers serve for UDP. */
async function freePorts(): Promise<readonly number[]> {
  const servers = await Promise.all([listen(), listen(), listen()]);
  const ports = servers.map((server) => server.port);
  await Promise.all(servers.map((server) => server.close()));
  return ports;
}

function listen(): Promise<{ readonly port: number; close(): Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      resolve({ port, close: () => new Promise((done) => server.close(() => done())) });
    });
  });
}
