/**
 * Workflow H: HTTPS boot. The firmware is given the root of the server and fetches its loader over TLS; Debian's iPXE,
 * which has none, goes on over HTTP.
 */

import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, type TestContext } from 'vitest';
import { makeRoot } from '../../src/certificate/authority.ts';
import { signatureList } from '../../src/certificate/signature-list.ts';
import { onConsole, onStep } from '../../src/lab/milestones.ts';
import { Rig, SERVER, uefi } from './rig.ts';
import { bareNic, HTTP_ONLY } from './uefi-parts.ts';

const LIMIT = { timeout: 600_000 };

/** `cacerts`: what OVMF takes for the list of the roots it trusts. */
async function secureRig(context: TestContext, https: object = {}): Promise<{ rig: Rig; cacerts: string }> {
  const link = { interface: 'br0', address: SERVER, mode: 'server', ipv6_router: 'none', https_boot: true };
  const rig = await Rig.open(context, { config: { links: [link], https: { enabled: true, ...https } } });
  context.onTestFinished(() => rig.close());
  const cacerts = join(rig.daemon.directory, 'cacerts');
  expect(rig.daemon.cli('certificate', 'ca', '--format', 'efi', '-o', cacerts).status).toBe(0);
  return { rig, cacerts };
}

it('H: OVMF → snponly.efi over TLS → script over HTTP → installer', LIMIT, async (context) => {
  const { rig, cacerts } = await secureRig(context);
  const trust = { name: 'etc/edk2/https/cacerts', file: cacerts };
  await rig.powerOn({ firmware: uefi(rig), nics: [bareNic(rig)], fwCfg: [...HTTP_ONLY, trust] });
  await rig.installs();
  expect(rig.steps[0]?.what).toMatch(/^https:\/\/10\.77\.0\.1\/httpboot\/snponly\.efi$/);
  expect(rig.steps.filter(({ via }) => via === 'tftp')).toEqual([]);
});

it('H: OVMF that trusts another root leaves, and the trace says why', LIMIT, async (context) => {
  const { rig, cacerts } = await secureRig(context);
  const other = await makeRoot('another root', Date.now());
  writeFileSync(cacerts, signatureList([new X509Certificate(other.certificate)]));
  const trust = { name: 'etc/edk2/https/cacerts', file: cacerts };
  await rig.powerOn({ firmware: uefi(rig), nics: [bareNic(rig)], fwCfg: [...HTTP_ONLY, trust] });
  await rig.until(
    [onStep('refused', ({ detail }) => detail?.error === 'TLS_BROKEN_OFF'), 120],
    [onConsole('gives up', 'Could not retrieve NBP file size'), 60],
  );
  expect(rig.steps.filter(({ kind }) => kind === 'http.file')).toEqual([]);
});
