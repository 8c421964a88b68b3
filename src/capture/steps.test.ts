import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CAPTURES } from '../../test/pcap.ts';
import type { SeenStep } from '../boot/diagnose/types.ts';
import { readConversation } from './conversation.ts';
import { readCaptureFile } from './file.ts';
import { bootServers, neighboursOf } from './servers.ts';
import { stepsOf } from './steps.ts';

const MAC = '52:54:00:77:00:10';

function eventsOf(name: string) {
  return readConversation(readCaptureFile(readFileSync(`${CAPTURES}${name}.pcap`)).frames).events;
}

function stepsIn(name: string): readonly SeenStep[] {
  const events = eventsOf(name);
  return stepsOf(events, bootServers(events));
}

describe('the trace of a capture', () => {
  it('is that of one boot, in the words of ours', () => {
    const steps = stepsIn('UEFI-PXE-snponly');
    expect(new Set(steps.map(({ boot }) => boot)).size).toBe(1);
    expect(steps.map(({ seq }) => seq)).toEqual(steps.map((_, i) => i));
    expect(steps.map(({ kind, because }) => `${kind} ${because.code}`)).toEqual([
      'dhcp.offer rom-asks',
      'dhcp.ack rom-asks',
      'tftp.file transfer-probe',
      'tftp.file transfer-complete',
      'dhcp.offer ipxe-asks',
      'dhcp.offer ipxe-asks',
      'dhcp.ack ipxe-asks',
      'http.script captured-script',
      'http.file captured-answer',
      'http.file captured-answer',
    ]);
    expect(steps[1]).toMatchObject({
      mac: MAC,
      stage: 'rom',
      arch: 'UEFI x86-64',
      address: '10.77.0.50',
      what: 'snponly.efi',
    });
    // Its filter left out the blocks, and iPXE started all the same.
    expect(steps[3]).toMatchObject({
      bytes: 173_792,
      detail: { blocks: 'not in the capture', blksize: 1468, windowsize: 4 },
    });
    expect(steps.at(-1)?.detail).toMatchObject({ status: 200, rest: 'not in the capture' });
  });

  it('knows the machine behind its address, although another server gave it', () => {
    const steps = stepsIn('proxy-BIOS-ipxerom');
    expect(new Set(steps.map(({ boot, mac }) => `${boot.slice(-6)} ${mac}`))).toEqual(
      new Set([`770010 ${MAC}`]),
    );
    expect(steps.at(-1)).toMatchObject({ kind: 'http.file', what: '/debian/initrd.gz' });
  });

  it('tells who gives addresses beside a proxy, and knows that one as a neighbour', () => {
    const events = eventsOf('proxy-UEFI-snponly');
    const servers = bootServers(events);
    expect([...servers]).toEqual(['10.77.0.1']);
    const steps = stepsOf(events, servers);
    const foreign = steps.filter(({ kind }) => kind === 'dhcp.foreign');
    expect(foreign.map(({ detail }) => [detail?.server, detail?.message])).toEqual([
      ['10.77.0.2', 'OFFER'],
      ['10.77.0.2', 'ACK'],
      ['10.77.0.2', 'OFFER'],
      ['10.77.0.2', 'ACK'],
    ]);
    expect(steps.filter(({ kind }) => kind === 'dhcp.ack')).toMatchObject([
      { via: 'proxy-dhcp', what: 'snponly.efi' },
    ]);
    expect(neighboursOf(events, servers)).toMatchObject([
      { address: '10.77.0.2', role: 'dhcp', count: 4, lastClient: MAC, conflicts: undefined },
    ]);
  });

  it('names what was refused as our own trace does', () => {
    const refused = (name: string) => stepsIn(name).filter(({ kind }) => kind.endsWith('.error'));
    expect(refused('pxelinux-search-order')[0]).toMatchObject({
      kind: 'tftp.error',
      because: { code: 'refused', sentence: 'File not found' },
      detail: { code: 'FILE_NOT_FOUND', error: 1 },
    });
    expect(refused('Balt-lpxelinux')[0]).toMatchObject({
      kind: 'http.error',
      detail: { error: 'FILE_NOT_FOUND', status: 404, agent: 'syslinux' },
    });
  });

  it('says what nobody answered', () => {
    const requests = eventsOf('C-managed').filter((event) => event.kind === 'dhcp' && event.packet.op === 1);
    const steps = stepsOf(requests, new Set());
    expect(steps.length).toBeGreaterThan(1);
    for (const step of steps)
      expect(step).toMatchObject({ kind: 'dhcp.ignore', because: { code: 'captured-unanswered' } });
  });
});
