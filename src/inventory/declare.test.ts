import { expect, it } from 'vitest';
import { declaredHost } from './declare.ts';

it('a new host that is to be built has no number yet: the store gives every one its own', () => {
  const declared = { name: 'vm1', mac: '52:54:00:00:00:01', interfaces: [], build: true } as never;
  expect(declaredHost(declared, undefined, () => ({ value: 'token' }), 0)).not.toHaveProperty('id');
});
