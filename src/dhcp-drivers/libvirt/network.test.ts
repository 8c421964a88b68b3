import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DriverChange } from '../types.ts';
import type { Layer } from './layers.ts';
import { hostXml, isIn, leasesOf, networkOf, stateOf } from './network.ts';
import { carryOut, isMade, workOf } from './work.ts';

const XML = `<network>
  <name>default</name>
  <ip family='ipv6' address='2001:db8::1' prefix='64'><dhcp><host id='0:1' ip='2001:db8::5'/></dhcp></ip>
  <ip address='192.168.122.1' netmask='255.255.255.0'>
    <dhcp>
      <range start='192.168.122.2' end='192.168.122.254'/>
      <host mac='52:54:00:00:00:0A' name='a&amp;b' ip='192.168.122.10'/>
      <host id='ff:01' name='c' ip='192.168.122.11'/>
      <bootp file='http://x/y?a=1&amp;b' server='192.168.122.1'/>
    </dhcp>
  </ip>
</network>`;

describe('a network', () => {
  it('is read with its subnet, its hosts of IPv4 and its boot file', () => {
    expect(networkOf(XML)).toEqual({
      subnet: { network: 0xc0a87a00, prefix: 24 },
      hosts: [
        { mac: '52:54:00:00:00:0a', ip: '192.168.122.10', name: 'a&b' },
        { mac: 'client-id ff:01', ip: '192.168.122.11', name: 'c' },
      ],
      bootFile: 'http://x/y?a=1&b',
    });
    const { subnet } = networkOf(XML.replace("netmask='255.255.255.0'", "prefix='25'")) ?? {};
    expect([isIn(subnet, '192.168.122.127'), isIn(subnet, '192.168.122.128')]).toEqual([true, false]);
    expect(networkOf("<network><ip address='10.0.0.1' prefix='8'/></network>")).toEqual({ hosts: [] });
  });

  it('is nothing where the text is none', () => {
    for (const text of ['', 'error: x', '<domain/>', '<network>']) expect(networkOf(text)).toBeUndefined();
    fc.assert(fc.property(fc.string(), (text) => void networkOf(text)));
  });

  it('takes any name, and gives it back', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ -~]{1,20}$/), (name) => {
        const entry = { mac: '52:54:00:00:00:01', ip: '10.0.0.5', name };
        const dhcp = `<dhcp>${hostXml(entry)}</dhcp>`;
        const xml = `<network><ip address='10.0.0.1' netmask='255.0.0.0'>${dhcp}</ip></network>`;
        expect(networkOf(xml)?.hosts).toEqual([entry]);
      }),
    );
  });

  it('has leases in a table, and a state', () => {
    const table = ` Expiry Time           MAC address         Protocol   IP address          Hostname   Client ID or DUID
------------------------------------------------------------------------------------------------------------
 2026-11-23 16:00:05   52:54:00:00:00:01   ipv4       192.168.122.10/24   vm1        ff:00:01
 2026-11-23 16:00:05   52:54:00:00:00:02   ipv4       192.168.122.11/24   -          -
 2026-11-23 16:00:05   52:54:00:00:00:03   ipv6       2001:db8::1/64      x          -
 1970-01-01 00:00:00   52:54:00:00:00:04   ipv4       192.168.122.12/24   for-ever   -
`;
    const ends = Date.UTC(2026, 10, 23, 16, 0, 5);
    expect(leasesOf(table)).toEqual([
      { mac: '52:54:00:00:00:01', ip: '192.168.122.10', hostname: 'vm1', ends },
      { mac: '52:54:00:00:00:02', ip: '192.168.122.11', ends },
      { mac: '52:54:00:00:00:04', ip: '192.168.122.12', hostname: 'for-ever' },
    ]);
    expect(stateOf('Active:         yes\nPersistent:     no\n')).toEqual({ active: true, persistent: false });
  });
});

describe('work', () => {
  const OLD = { mac: '52:54:00:00:00:01', ip: '10.0.0.5', name: 'a' };
  const NEW = { ...OLD, ip: '10.0.0.6' };
  const STRANGE = { mac: '52:54:00:00:00:07', ip: '10.0.0.7', name: 'a' };
  const change: DriverChange = { op: 'change', what: 'reservation', name: 'a', reservation: NEW };
  const layer = (flag: Layer['flag'], ...hosts: readonly (typeof OLD)[]): Layer => ({
    flag,
    network: { hosts },
  });

  it('takes for ours what has the name that was made, and its card or its address', () => {
    expect(isMade({ ...OLD, ip: '10.0.0.99' }, [OLD])).toBe(true);
    expect(isMade({ ...OLD, mac: '52:54:00:00:00:99' }, [OLD])).toBe(true);
    expect(isMade(STRANGE, [OLD])).toBe(false);
    expect(isMade({ ...OLD, name: 'b' }, [OLD])).toBe(false);
  });

  it('is what each layer lacks', () => {
    const { deletes, adds } = workOf(
      change,
      [layer('--config', OLD, STRANGE), layer('--live', NEW)],
      [OLD, NEW],
    );
    expect(deletes).toEqual([{ verb: 'delete', flag: '--config', reservation: OLD }]);
    expect(adds).toEqual([{ verb: 'add-last', flag: '--config', reservation: NEW }]);
  });

  it('is undone where a part of it is refused', async () => {
    const calls: string[] = [];
    const virsh = async (...args: readonly string[]) => {
      const [, , , verb, , , xml, flag] = args;
      calls.push(`${verb} ${/ip='([^']*)/.exec(xml ?? '')?.[1]} ${flag}`);
      if (verb === 'add-last' && flag === '--live' && xml === hostXml(NEW)) throw new Error('refused');
      return '';
    };
    const layers = [layer('--config', OLD), layer('--live', OLD)];
    const done: string[] = [];
    const works = [workOf(change, layers, [OLD])];
    await expect(carryOut(virsh, 'net', works, () => done.push('done'))).rejects.toThrow('refused');
    expect(calls).toEqual([
      'delete 10.0.0.5 --config',
      'delete 10.0.0.5 --live',
      'add-last 10.0.0.6 --config',
      'add-last 10.0.0.6 --live',
      'delete 10.0.0.6 --config',
      'add-last 10.0.0.5 --live',
      'add-last 10.0.0.5 --config',
    ]);
    expect(done).toEqual([]);
  });
});
