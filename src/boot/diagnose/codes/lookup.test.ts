import { expect, it } from 'vitest';
import { lookUpCode } from './lookup.ts';

it.each([
  'PXE-E11',
  'PXE-E16',
  'PXE-E18',
  'PXE-E32',
  'PXE-E51',
  'PXE-E53',
  'PXE-E55',
  'PXE-E61',
  'PXE-E74',
  'PXE-M0F',
  'PXE-T01',
])('%s', (code) => {
  expect(lookUpCode(code)?.code).toBe(code);
  expect(lookUpCode(code.slice(4).toLowerCase())?.code).toBe(code);
});

it('knows numbers of iPXE, bare and as addresses, and classes of those it does not know', () => {
  expect(lookUpCode('https://ipxe.org/040ee119')).toEqual(lookUpCode('040ee119'));
  expect(lookUpCode('4c106035')?.cause).toBe('it took too long: nobody answered');
  expect(lookUpCode('what?')).toBeUndefined();
});
