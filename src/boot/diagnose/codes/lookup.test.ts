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
  expect(lookUpCode('0e0a6090')?.cause).toBe('the other end refused the connection');
  expect(lookUpCode('410de18f')?.cause).toBe('the operation is not permitted');
  expect(lookUpCode('what?')).toBeUndefined();
});

it.each([
  ['no configuration', '040ee119', '040ee186'],
  ['no trust', '0216eb3c', '0216eb8f'],
  ['no such name', '3e11613b', '3e11618e'],
  ['link down', '38086101', '38086193'],
])('knows a number of iPXE on BIOS and on UEFI: %s', (_what, bios, uefi) => {
  expect(lookUpCode(bios)).toEqual({ ...lookUpCode(uefi), code: bios });
});

it('knows what the firmware said', () => {
  expect(lookUpCode('7f048289')?.cause).toContain('memory');
  expect(lookUpCode('7f04818f')?.cause).toContain('Secure Boot');
  expect(lookUpCode('7f0482ff')?.cause).toBe('the firmware reported an error of its own');
});
