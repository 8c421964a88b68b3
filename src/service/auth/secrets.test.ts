import { describe, expect, it } from 'vitest';
import { SiteIndex } from '../../inventory/site.ts';
import type { Host, Hostgroup, User } from '../../inventory/types.ts';
import { redactRendering, redactSecrets } from './secrets.ts';

const ROOT = '$6$salt$rootrootroot';
const TOKEN = '7f0e6c7e-52f5-4b5e-9d1f-9a6a3c1f0b11';
const host: Host = {
  id: 1,
  name: 'web1.example',
  enabled: true,
  build: true,
  hostgroup: 'web',
  otp: 'one-time-only',
  token: { value: TOKEN },
  parameters: { colour: 'blue', vault: 'open sesame', pin: 123_456 },
  hidden_parameters: ['vault', 'pin'],
  interfaces: [],
};
const group: Hostgroup = {
  id: 2,
  name: 'web',
  root_pass: ROOT,
  provisioning_templates: [],
  parameters: { db: { user: 'app', password: 'tr0ub4dor&3' } },
  hidden_parameters: ['db'],
};
const site = new SiteIndex();
site.put('hosts', host);
site.put('hostgroups', group);
site.put('common_parameters', { id: 3, name: 'licence', value: 'AAAA-BBBB', hidden_value: true });
site.put('settings', { id: 4, name: 'root_pass', value: '$5$other$global' });

describe('redactSecrets', () => {
  it('shows administrators everything but hashes of passwords and tokens', () => {
    expect(redactSecrets('hosts', host, 'admin')).toEqual(host);
    const user: User = { id: 1, login: 'ann', password_hash: 'scrypt:1:1:1:a:b', ssh_keys: [] };
    for (const role of ['viewer', 'operator', 'admin'] as const)
      expect(redactSecrets('users', user, role)).toEqual({ id: 1, login: 'ann', ssh_keys: [] });
    const token = { id: 1, name: 'ci', user: 'ann', hash: 'abc', created_at: 0 };
    expect(redactSecrets('personal_access_tokens', token, 'admin')).not.toHaveProperty('hash');
  });

  it('shows operators everything of a host but hidden parameters', () => {
    expect(redactSecrets('hosts', host, 'operator')).toMatchObject({
      otp: 'one-time-only',
      token: { value: TOKEN },
      parameters: { colour: 'blue', vault: '*****', pin: '*****' },
    });
  });

  it('shows viewers nothing that would let them take over a machine', () => {
    expect(redactSecrets('hosts', host, 'viewer')).toMatchObject({
      parameters: { colour: 'blue', vault: '*****' },
    });
    const told = JSON.stringify([
      redactSecrets('hosts', host, 'viewer'),
      redactSecrets('hostgroups', group, 'viewer'),
      ...site.list('common_parameters').map((record) => redactSecrets('common_parameters', record, 'viewer')),
      ...site.list('settings').map((record) => redactSecrets('settings', record, 'viewer')),
    ]);
    for (const secret of [ROOT, TOKEN, 'one-time', 'sesame', '123456', 'tr0ub', 'AAAA-', '$5$'])
      expect(told).not.toContain(secret);
  });

  it('leaves what only sounds like a secret', () => {
    const os = { password_hash: 'SHA512' } as never;
    expect(redactSecrets('operatingsystems', os, 'viewer')).toEqual({ password_hash: 'SHA512' });
  });
});

describe('redactRendering', () => {
  const rendered = [
    `rootpw --iscrypted ${ROOT}`,
    `curl 'http://192.0.2.1/unattended/built?token=${TOKEN}'`,
    `join --otp one-time-only --password ${encodeURIComponent('tr0ub4dor&3')}`,
    `vault: ${Buffer.from('open sesame').toString('base64')} pin: 123456 licence: AAAA-BBBB`,
    'user --password=$6$x$of-somebody-else --name=app colour blue',
  ].join('\n');

  it('is as it is for administrators', () => {
    expect(redactRendering(rendered, site, host, 'admin')).toBe(rendered);
  });

  it('has no hidden parameters for operators, wherever they come from and however they are written', () => {
    const told = redactRendering(rendered, site, host, 'operator');
    expect(told).toContain(`rootpw --iscrypted ${ROOT}`);
    expect(told).toContain(`token=${TOKEN}`);
    for (const secret of ['tr0ub', Buffer.from('open sesame').toString('base64'), '123456', 'AAAA-BBBB'])
      expect(told).not.toContain(secret);
  });

  it('has no passwords and tokens for viewers, of this host or not, and the rest as it is', () => {
    const told = redactRendering(rendered, site, host, 'viewer');
    for (const secret of ['$6$', 'rootroot', TOKEN, 'one-time-only', 'tr0ub', '123456', 'AAAA-BBBB'])
      expect(told).not.toContain(secret);
    expect(told).toContain('rootpw --iscrypted [redacted]');
    expect(told).toContain("/unattended/built?token=[redacted]'");
    expect(told).toContain('--name=app colour blue');
  });
});
