/**
 * A real machine booted by Chainboot and by isc-dhcpd + nginx, in turns: seconds from power-on to the kernel's
 * `Command line:` on the console. Both networks answer router solicitations with a lifetime of 0 and send iPXE's
 * no-pxedhcp, so neither side waits for what the other skips. Needs root, QEMU, dist/ and the servers.
 */

import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LAB_NETWORK, MAC, writeDemoFiles } from '../dist/lab/demo-files.js';
import { makeDebianMedium } from '../dist/lab/medium.js';
import { createLab } from '../dist/lab/netns.js';
import { startMachine } from '../dist/lab/qemu.js';
import { applySite, startServer } from '../dist/lab/server.js';
import { startPeers } from './boot-peer.mjs';

const LIMIT_MS = 180_000;
const GOAL = 1.2;
const MEDIUM_FILES = 'dists/bookworm/main/installer-amd64/current/images/netboot/debian-installer/amd64';

/** @returns a Markdown table with every round, the medians and their ratio */
export async function benchBoot({ rounds = 4 } = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'chainboot-bench-boot-'));
  const undo = [() => rmSync(directory, { recursive: true, force: true })];
  try {
    const medium = join(directory, 'debian');
    makeDebianMedium(medium);
    const labs = { peer: await newLab(undo), ours: await newLab(undo) };
    await peers(labs.peer, join(directory, 'peer'), join(medium, MEDIUM_FILES), undo);
    await chainboot(labs.ours, directory, medium, undo);
    const seconds = { peer: [], ours: [] };
    for (let round = 0; round < rounds; round++) {
      for (const name of ['peer', 'ours']) seconds[name].push(await boot(labs[name]));
    }
    return report(seconds);
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

async function newLab(undo) {
  const lab = await createLab({ address: `${LAB_NETWORK.server}/24` });
  undo.push(() => lab.close());
  return lab;
}

async function peers(lab, directory, files, undo) {
  mkdirSync(directory);
  undo.push(await startPeers(lab, directory, files));
}

async function chainboot(lab, directory, medium, undo) {
  const { config, site } = writeDemoFiles(directory, medium, LAB_NETWORK);
  // The same host is started over and over, and never gets to report built.
  appendFileSync(config, 'loop_guard: { enabled: false }\n');
  const log = [];
  const server = await startServer({
    inside: lab.inside,
    config,
    onLog: (line) => log.push(line),
    isUp: () => lab.exec(['ss', '-H', '-l', '-n', '-t', `sport = :${LAB_NETWORK.ports.http}`]) !== '',
  });
  undo.push(() => server.stop());
  await applySite(config, site);
}

/** One power-on; resolves with seconds. */
async function boot(lab) {
  const console = [];
  const started = process.hrtime.bigint();
  let machine;
  try {
    return await new Promise((resolve, reject) => {
      const fail = (why) =>
        reject(new Error(`${why}; the console ended with:\n${console.slice(-15).join('\n')}`));
      setTimeout(fail, LIMIT_MS, `no kernel after ${LIMIT_MS / 1000} s`).unref();
      const onSerial = (line) => {
        console.push(line);
        if (line.includes('Command line:')) resolve(Number(process.hrtime.bigint() - started) / 1e9);
      };
      const nics = [{ tap: lab.addTap(), mac: MAC, model: 'e1000' }];
      const options = { inside: lab.inside, nics, memoryMb: 512 };
      startMachine({ ...options, firmware: 'bios', onSerial }).then((on) => {
        machine = on;
        on.off.then(() => fail('the machine went off'));
      }, reject);
    });
  } finally {
    await machine?.powerOff();
  }
}

function report({ peer, ours }) {
  const rows = peer.map((seconds, i) => row(String(i + 1), seconds, ours[i]));
  const ratio = median(ours) / median(peer);
  return [
    'Seconds from power-on to the kernel, QEMU (TCG) BIOS machine with iPXE ROM, Debian 12 installer, in turns:',
    '',
    '| round | isc-dhcpd + nginx | Chainboot | ratio |',
    '| --- | --- | --- | --- |',
    ...rows,
    row('median', median(peer), median(ours)),
    '',
    `Goal: at most ${GOAL}x. ${ratio <= GOAL ? 'Met' : 'Missed'} with ${ratio.toFixed(2)}x.`,
    '',
  ].join('\n');
}

function row(name, peer, ours) {
  return `| ${name} | ${peer.toFixed(2)} | ${ours.toFixed(2)} | ${(ours / peer).toFixed(2)} |`;
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(await benchBoot());
