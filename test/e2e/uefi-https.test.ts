/**
 * Workflow H: HTTPS boot. The firmware is given the root of the server and fetches its loader over TLS; Debian's iPXE,
 * which has none, goes on over HTTP.
 */

import { join } from 'node:path';
import { expect, it, type TestContext } from 'vitest';
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
