import { expect, it } from 'vitest';
import { apiRig } from '../../../test/api-rig.ts';
import { because } from '../../boot/reason.ts';
import { memoryBoots } from '../../store/memory/boots.ts';

it('says why a boot and a host went no further', async () => {
  const boots = memoryBoots();
  const mac = '52:54:00:00:00:99';
  const step = { at: 1, kind: 'dhcp.ignore', via: 'dhcp', mac, because: because('unknown-ignored') } as const;
  await boots.append([{ boot: 'b1', seq: 0, step }]);
  const rig = await apiRig({ boots });
  try {
    const told = await rig.call('GET', '/boots/b1/diagnosis', undefined, 'viewer');
    expect(told).toMatchObject({ status: 200, body: { code: 'unknown-machine', boot: 'b1' } });
    expect((await rig.call('GET', '/boots/none/diagnosis', undefined, 'viewer')).status).toBe(404);
    expect((await rig.call('GET', '/hosts/none/diagnosis', undefined, 'viewer')).status).toBe(404);
  } finally {
    await rig.close();
  }
});
