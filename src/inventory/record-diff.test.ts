import { describe, expect, it } from 'vitest';
import { REDACTED } from './audit.ts';
import { recordDiff } from './record-diff.ts';

describe('recordDiff', () => {
  it('leads into maps and lists of maps', () => {
    const before = { name: 'a', parameters: { x: { y: 1, z: 2 } }, interfaces: [{ mac: 'm' }, { mac: 'n' }] };
    const after = { name: 'a', parameters: { x: { y: 1, z: 3 } }, interfaces: [{ mac: 'o' }], oses: ['b'] };
    expect(recordDiff('hosts', before, after)).toEqual([
      { field: 'parameters.x.z', before: 2, after: 3 },
      { field: 'interfaces[0].mac', before: 'm', after: 'o' },
      { field: 'interfaces[1].mac', before: 'n' },
      { field: 'oses', after: ['b'] },
    ]);
  });

  it('tells nothing from an empty map or list, and null from both', () => {
    expect(recordDiff('hosts', {}, { facts: {} })).toEqual([{ field: 'facts', after: {} }]);
    expect(recordDiff('hosts', { x: null }, { x: {} })).toEqual([{ field: 'x', before: null, after: {} }]);
    expect(recordDiff('media', { x: [] }, {})).toEqual([{ field: 'x', before: [] }]);
  });

  it.each([
    ['hosts', { root_pass: 's' }],
    ['hosts', { otp: 's' }],
    ['hosts', { interfaces: [{ password: 's' }] }],
    ['hosts', { parameters: { pin: { inner: ['s'] } }, hidden_parameters: ['pin'] }],
    ['hostgroups', { root_pass: 's' }],
    ['users', { password_hash: 's' }],
    ['settings', { name: 'root_pass', value: 's' }],
    ['common_parameters', { name: 'x', value: { inner: 's' }, hidden_value: true }],
  ] as const)('hides secrets of %s: %j', (collection, record) => {
    const [created, deleted] = [
      recordDiff(collection, undefined, record),
      recordDiff(collection, record, undefined),
    ];
    expect(JSON.stringify([created, deleted])).not.toContain('"s"');
    expect(JSON.stringify(created)).toContain(REDACTED);
  });

  it('tells the method by which systems hash passwords', () => {
    const [diff] = recordDiff('operatingsystems', { password_hash: 'MD5' }, { password_hash: 'SHA512' });
    expect(diff).toEqual({ field: 'password_hash', before: 'MD5', after: 'SHA512' });
  });
});
