import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Host } from '../../inventory/types.ts';
import type { Neighbour } from '../neighbour.ts';
import { because, type ReasonCode } from '../reason.ts';
import type { Step } from '../step.ts';
import { diagnose } from './diagnose.ts';
import { RULES } from './rules.ts';
import { sightOf } from './sight.ts';
import type { SeenStep, Sight } from './types.ts';

const MAC = '52:54:00:00:00:10';
const HOST = { name: 'web1', enabled: true, build: true, interfaces: [{ mac: MAC }] } as unknown as Host;
const LATER = 4 * 3_600_000;
const SERVER = { server: '192.0.2.9', server_mac: '52:54:00:99:99:99' };

let clock = 1_000_000;
function step(kind: Step['kind'], code: ReasonCode, more: Partial<Step> = {}): SeenStep {
  clock += 10;
  return { at: clock, kind, via: 'dhcp', because: because(code), boot: 'b1', seq: clock, mac: MAC, ...more };
}

const offer = (more: Partial<Step> = {}) =>
  step('dhcp.offer', 'rom-asks', {
    stage: 'rom',
    address: '192.0.2.50',
    what: 'snponly.efi',
    arch: 'UEFI x86-64',
    ...more,
  });
const ack = (more: Partial<Step> = {}) => ({ ...offer(more), kind: 'dhcp.ack' as const });
const tftp = (what: string, more: Partial<Step> = {}) =>
  step('tftp.file', 'transfer-complete', { via: 'tftp', what, ...more });
const broken = (
  what: string,
  code: ReasonCode,
  values: Record<string, number | string>,
  more: Partial<Step> = {},
) => step('tftp.error', code, { via: 'tftp', what, because: because(code, values), ...more });
const http = (what: string, more: Partial<Step> = {}) =>
  step('http.file', 'boot-file', { via: 'http', what, ...more });
const script = (code: ReasonCode = 'script-build') =>
  step('http.script', code, { via: 'http', what: '/unattended/iPXE', host: 'web1' });
const answers = () =>
  step('http.answers', 'by-token', { via: 'http', what: '/unattended/provision', host: 'web1' });
const refused = (error: string, what = '/unattended/provision') =>
  step('http.error', 'refused', {
    via: 'http',
    what,
    because: because('refused', { sentence: 'no' }),
    detail: { error },
  });
const line = (text: string) =>
  step('syslog.line', 'refused', {
    via: 'syslog',
    because: because('refused', { sentence: text }),
    detail: { text },
  });
const ipxe = (url: string) => ack({ stage: 'ipxe', what: url });
const KERNEL = '/media/debian/linux';
const INITRD = '/media/debian/initrd.gz';
const toScript = () => [ack(), tftp('snponly.efi'), ipxe('http://192.0.2.1/unattended/iPXE'), script()];
const toInitrd = () => [...toScript(), http(KERNEL), http(INITRD)];

type Given = Partial<Sight> & { readonly steps: readonly SeenStep[] };
const lack = (code: string) => [{ code, sentence: 'it lacks', hint: 'mend it' }];
const neighbour = (conflicts: Neighbour['conflicts']): Neighbour => ({
  link: 'eth0',
  address: '192.0.2.9',
  role: 'dhcp',
  offers: {},
  firstSeen: 1,
  lastSeen: 2,
  count: 1,
  conflicts,
});
const near = (how: 'digit' | 'neighbour') => [{ host: 'web1', mac: '52:54:00:00:00:11', how }];

/** Produces every fault: what is seen, and the code it is told by. */
const FAULTS: Readonly<Record<string, () => Given>> = {
  'host-never-seen': () => ({ steps: [], host: HOST }),
  'wrong-mac': () => ({ steps: [step('dhcp.ignore', 'unknown-ignored')], near: near('digit') }),
  'second-nic': () => ({ steps: [step('dhcp.ignore', 'unknown-ignored')], near: near('neighbour') }),
  'machine-never-seen': () => ({ steps: [] }),
  'unknown-machine': () => ({ steps: [step('dhcp.ignore', 'unknown-ignored', { stage: 'rom' })] }),
  'host-disabled': () => ({
    steps: [step('dhcp.ignore', 'host-disabled')],
    host: { ...HOST, enabled: false },
  }),
  'not-in-build-mode': () => ({
    steps: [...toInitrd(), refused('HOST_NOT_IN_BUILD')],
    host: { ...HOST, build: false, installed_at: 1 },
  }),
  'token-expired': () => ({ steps: [...toInitrd(), refused('TOKEN_EXPIRED')], host: HOST }),
  'token-unknown': () => ({ steps: [...toInitrd(), refused('TOKEN_UNKNOWN')], host: HOST }),
  'address-of-other-mac': () => ({ steps: [ack(), refused('HOST_MAC_CONFLICT')] }),
  'no-template': () => ({ steps: [ack(), refused('TEMPLATE_MISSING')] }),
  'template-does-not-render': () => ({ steps: [ack(), refused('TEMPLATE_FAILED')] }),
  'no-operating-system': () => ({ steps: [ack(), refused('HOST_NO_OS')] }),
  'rate-limited': () => ({ steps: [ack(), refused('BOOT_RATE_LIMITED')] }),
  'host-not-ready': () => ({ steps: [], lacks: lack('no-medium'), near: near('digit'), host: { ...HOST } }),
  'loader-missing': () => ({
    steps: [ack(), step('tftp.error', 'refused', { what: 'ipxe.efi', detail: { code: 'FILE_NOT_FOUND' } })],
  }),
  'stopped-without-grub': () => ({
    steps: [
      ack(),
      tftp('grub2/shimx64.efi'),
      step('tftp.error', 'refused', { what: 'grub2/grubx64.efi', detail: { code: 'FILE_NOT_FOUND' } }),
    ],
  }),
  'no-loader-for-architecture': () => ({ steps: [step('dhcp.offer', 'no-loader-for-arch')] }),
  'loader-none': () => ({ steps: [step('dhcp.ignore', 'loader-none')] }),
  'loader-wrong-architecture': () => ({ steps: [ack(), tftp('undionly.kpxe')] }),
  'stopped-at-grub-http': () => ({ steps: [ack(), http('/httpboot/grub2/grubx64.efi')] }),
  'stopped-at-grub': () => ({ steps: [ack(), tftp('grub2/shimx64.efi'), tftp('grub2/grubx64.efi')] }),
  'ipxe-without-driver': () => ({ steps: [ack({ arch: 'BIOS x86' }), tftp('ipxe.pxe')] }),
  'stopped-at-loader': () => ({ steps: [ack(), tftp('snponly.efi')] }),
  'tftp-blocked': () => ({
    steps: [ack(), broken('snponly.efi', 'transfer-timeout', { block: 0, tries: 5 }, { bytes: 0 })],
  }),
  'tftp-never-asked': () => ({ steps: [offer(), ack()] }),
  'tftp-broke-off': () => ({
    steps: [ack(), broken('snponly.efi', 'transfer-timeout', { block: 77, tries: 5 }, { bytes: 9000 })],
  }),
  'tftp-aborted': () => ({
    steps: [ack(), broken('snponly.efi', 'transfer-aborted', { bytes: 9000, size: 90000, message: 'x' })],
  }),
  'tftp-restarts': () => ({
    steps: [
      ack(),
      broken('a.efi', 'transfer-restarted', { bytes: 1, size: 2 }),
      broken('a.efi', 'transfer-restarted', { bytes: 1, size: 2 }),
    ],
  }),
  'file-name-refused': () => ({
    steps: [ack(), step('tftp.error', 'refused', { what: '../x', detail: { code: 'FILE_FORBIDDEN' } })],
  }),
  'other-server-won': () => ({
    steps: [offer(), step('dhcp.foreign', 'other-server', { detail: { ...SERVER, message: 'ack' } })],
  }),
  'option-60-quirk': () => ({ steps: [offer(), offer({ detail: { form: 'it took none of 3 offers' } })] }),
  'proxy-offer-ignored': () => ({ steps: [offer({ via: 'proxy-dhcp' })] }),
  'offer-not-taken': () => ({ steps: [offer()] }),
  'no-address-free': () => ({
    steps: [step('dhcp.ignore', 'rom-asks', { lease: because('lease-exhausted', { subnet: 'lan' }) })],
  }),
  'no-subnet': () => ({
    steps: [step('dhcp.ignore', 'rom-asks', { lease: because('lease-none-here', { link: 'eth0' }) })],
  }),
  'address-declined': () => ({ steps: [step('dhcp.decline', 'lease-declined')] }),
  'wrong-network': () => ({ steps: [step('dhcp.nak', 'lease-wrong-network')] }),
  'two-dhcp-servers': () => ({
    steps: [step('dhcp.ignore', 'rom-asks', { stage: 'rom' })],
    neighbours: [neighbour('addresses')],
  }),
  'two-boot-servers': () => ({
    steps: [step('dhcp.ignore', 'rom-asks', { stage: 'rom' })],
    neighbours: [neighbour('boot-files')],
  }),
  'clock-wrong': () => ({ steps: [...toInitrd(), line('certificate has expired')] }),
  'certificate-not-trusted': () => ({
    steps: [ack(), tftp('snponly.efi'), line('Permission denied (https://ipxe.org/0216eb3c)')],
  }),
  'ipxe-without-https': () => ({
    steps: [ack(), tftp('snponly.efi'), ipxe('https://192.0.2.1/unattended/iPXE')],
  }),
  'stopped-before-tls': () => ({ steps: [ack({ what: 'https://192.0.2.1/httpboot/snponly.efi' })] }),
  'http-boot-never-came': () => ({ steps: [ack({ what: 'http://192.0.2.1/httpboot/snponly.efi' })] }),
  'script-not-fetched': () => ({
    steps: [ack(), tftp('snponly.efi'), ipxe('http://192.0.2.1/unattended/iPXE')],
  }),
  'script-without-kernel': () => ({ steps: toScript() }),
  'ipxe-error': () => ({ steps: [...toScript(), line('Could not boot: https://ipxe.org/2e008081')] }),
  'request-refused': () => ({ steps: [ack(), refused('KIND_UNKNOWN', '/unattended/iPXE')] }),
  'ram-too-small': () => ({ steps: [...toInitrd(), line('Initramfs unpacking failed: write error')] }),
  'kernel-panic': () => ({ steps: [...toInitrd(), line('Kernel panic - not syncing: VFS')] }),
  'initrd-cut-short': () => ({
    steps: [...toScript(), http(KERNEL), http(INITRD, { bytes: 5, detail: { aborted: true, size: 9 } })],
  }),
  'kernel-cut-short': () => ({
    steps: [...toScript(), http(KERNEL, { bytes: 5, detail: { aborted: true, size: 9 } })],
  }),
  'medium-file-missing': () => ({ steps: [...toScript(), refused('FILE_NOT_FOUND', KERNEL)] }),
  'kernel-without-initrd': () => ({ steps: [...toScript(), http(KERNEL)] }),
  'installation-failed': () => ({
    steps: [...toInitrd(), answers(), step('http.failed', 'build-failed', { via: 'http' })],
  }),
  'built-refused': () => ({
    steps: [...toInitrd(), answers(), refused('HOST_UNKNOWN', '/unattended/built')],
    host: HOST,
  }),
  'installer-without-network': () => ({ steps: [...toInitrd(), line('Network autoconfiguration failed')] }),
  'installer-without-disk': () => ({ steps: [...toInitrd(), answers(), line('No disk drive was detected')] }),
  'medium-unreachable': () => ({ steps: [...toInitrd(), answers(), line('Bad archive mirror')] }),
  'medium-unreachable-from-here': () => ({
    steps: [step('dhcp.ignore', 'rom-asks', { stage: 'rom' })],
    lacks: lack('medium-unreachable'),
    host: HOST,
  }),
  'answers-never-fetched': () => ({ steps: toInitrd() }),
  'answers-without-report': () => ({ steps: [...toInitrd(), answers()] }),
  'answers-refused': () => ({ steps: [...toInitrd(), refused('KIND_UNKNOWN')] }),
  'chainload-loop': () => ({
    steps: [ack(), tftp('snponly.efi'), ack(), tftp('snponly.efi'), ack(), tftp('snponly.efi')],
  }),
  'reinstall-loop': () => {
    const earlier = [1, 2].map(() => [...toInitrd(), answers()]);
    return { steps: [...toInitrd(), answers()], earlier, now: clock + 1000, host: HOST };
  },
  'script-loop': () => ({ steps: [...toScript(), script('loop-script')] }),
  'disk-does-not-boot': () => ({
    steps: [ack(), script('loop-local')],
    host: { ...HOST, build: false, installed_at: 1 },
  }),
};

const NOTES: Readonly<Record<string, () => Given>> = {
  'boots-own-disk': () => ({
    steps: [ack(), script('script-local')],
    host: { ...HOST, build: false, installed_at: 1 },
  }),
  'other-nic': () => ({ steps: [ack(), { ...script(), detail: { identity: 'by-mac-other-nic' } }] }),
  'tftp-slow': () => ({ steps: [ack(), tftp('snponly.efi', { bytes: 1_000_000, took: 60_000 })] }),
  'tftp-size-probe': () => ({ steps: [ack(), step('tftp.file', 'transfer-probe', { what: 'snponly.efi' })] }),
  'tftp-peek': () => ({ steps: [ack(), step('tftp.file', 'transfer-peek', { what: 'grub.cfg' })] }),
};

const sight = (given: Given): Sight => ({ ...sightOf(given.steps, clock + LATER), asked: 'web1', ...given });

it.each(Object.entries(FAULTS))('%s', (code, given) => {
  const diagnosis = diagnose(sight(given()));
  const codes = [diagnosis.code, ...diagnosis.also.map((other) => other.code)];
  // What is only known beside the trace comes behind what the trace says.
  if (RULES.find((rule) => rule.code === code)?.basis === 'beside') expect(codes).toContain(code);
  else expect(diagnosis.code).toBe(code);
  expect(`${diagnosis.cause}${diagnosis.fix}`).not.toMatch(/\{\w+\}|undefined/);
});

it.each(Object.entries(NOTES))('%s is told as a note', (code, given) => {
  expect(diagnose(sight(given())).notes.map((note) => note.code)).toContain(code);
});

it('has a test for every rule, at least forty, each of another name', () => {
  const codes = RULES.map(({ code }) => code);
  expect(codes.toSorted()).toEqual([...Object.keys(FAULTS), ...Object.keys(NOTES)].toSorted());
  expect(codes.length).toBeGreaterThanOrEqual(40);
  expect(new Set(codes).size).toBe(codes.length);
});

const probe = () => step('tftp.file', 'transfer-probe', { via: 'tftp', what: 'snponly.efi' });
const miss = (what: string) =>
  step('tftp.error', 'refused', { via: 'tftp', what, detail: { code: 'FILE_NOT_FOUND' } });
const done = () => step('http.built', 'build-done', { via: 'http', what: '/unattended/built' });

/** What whole boots do on the wire, with what looks wrong and is not. */
const GOOD: Readonly<Record<string, () => readonly SeenStep[]>> = {
  'UEFI by TFTP': () => [
    offer(),
    ack(),
    probe(),
    tftp('snponly.efi'),
    miss('autoexec.ipxe'),
    ...toInitrd().slice(2),
    answers(),
    done(),
  ],
  'shim and GRUB': () => [
    ack(),
    tftp('grub2/shimx64.efi'),
    miss('grub2/revocations.efi'),
    miss('grub2/shim_certificate_0.efi'),
    tftp('grub2/grubx64.efi'),
    miss('grub2/x86_64-efi/command.lst'),
    tftp('grub2/grub.cfg-52'),
    tftp('linux'),
    tftp('initrd.gz'),
    answers(),
    done(),
  ],
  'an abort that was got over': () => [
    ack(),
    broken('snponly.efi', 'transfer-aborted', { bytes: 1, size: 2, message: 'x' }),
    ...toInitrd(),
    answers(),
    done(),
  ],
  'its own disk': () => [ack(), tftp('snponly.efi'), ipxe('http://192.0.2.1/x'), script('script-local')],
};

it.each(Object.entries(GOOD))('raises no false alarm: %s', (_name, steps) => {
  const whole = steps();
  const host = { ...HOST, build: false, installed_at: 1 };
  expect(diagnose(sight({ steps: whole, host })).code).toBe('well');
  for (let length = 1; length < whole.length; length++) {
    const some = whole.slice(0, length);
    const { code } = diagnose(sight({ steps: some, host: HOST, now: some.at(-1)!.at + 1000 }));
    if (!code.startsWith('tftp-') && code !== 'well')
      expect({ length, code }).toEqual({ length, code: 'under-way' });
  }
});

it('blames no template that fails for want of a medium', () => {
  const lacks = [...lack('no-medium'), ...lack('template-fails')];
  const { code, also } = diagnose(sight({ steps: [], lacks, host: HOST }));
  expect([code, ...also.map((one) => one.code)]).toEqual(['host-never-seen', 'host-not-ready']);
  expect(diagnose(sight({ steps: [], lacks: lacks.slice(1), host: HOST })).code).toBe(
    'template-does-not-render',
  );
});

it('says how far a boot came that nothing explains', () => {
  const { code, worked } = diagnose(sight({ steps: [step('dhcp.inform', 'not-a-boot')] }));
  expect({ code, worked }).toEqual({ code: 'unexplained', worked: undefined });
});

it('is written down, every rule of it', () => {
  const page = readFileSync(new URL('../../../docs/why.md', import.meta.url), 'utf8');
  for (const { code } of RULES) expect(page).toContain(`\`${code}\``);
});
