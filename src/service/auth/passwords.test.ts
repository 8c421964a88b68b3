import { describe, expect, it } from 'vitest';
import { SCHEMAS } from '../../inventory/schema.ts';
import { hashPassword, requirePassword, verifyPassword } from './passwords.ts';

/** scrypt of RFC 7914 §12: `pleaseletmein`, `SodiumChloride`, N 16384, r 8, p 1. */
const RFC = `scrypt:16384:8:1:${Buffer.from('SodiumChloride').toString('base64url')}:${Buffer.from(
  '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2' +
    'd5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887',
  'hex',
).toString('base64url')}`;

describe('passwords', () => {
  it('are verified against their own hash, which users may have and which never comes twice', async () => {
    const [hash, again] = await Promise.all([hashPassword('correct horse'), hashPassword('correct horse')]);
    expect(hash).not.toBe(again);
    expect(SCHEMAS.users.shape.password_hash.safeParse(hash).success).toBe(true);
    expect(await verifyPassword('correct horse', hash)).toBe(true);
    expect(await verifyPassword('correct horsf', hash)).toBe(false);
    expect(await verifyPassword('', hash)).toBe(false);
  });

  it('are scrypt', async () => {
    expect(await verifyPassword('pleaseletmein', RFC)).toBe(true);
    expect(await verifyPassword('pleaseletmeout', RFC)).toBe(false);
  });

  it('are the same on whatever keyboard they were typed', async () => {
    const hash = await hashPassword('Stra\u00dfe caf\u00e9');
    expect(await verifyPassword('Stra\u00dfe cafe\u0301', hash)).toBe(true);
  });

  it('of nobody are wrong, after as much work as those of somebody', async () => {
    const hash = await hashPassword('correct horse');
    // Of the processor, of which others on this machine take none away.
    const work = async (stored: string | undefined) => {
      const before = process.cpuUsage();
      expect(await verifyPassword('wrong', stored)).toBe(false);
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };
    const [somebody, nobody] = [await work(hash), await work(undefined)];
    expect(nobody).toBeGreaterThan(somebody / 3);
    expect(nobody).toBeLessThan(somebody * 3);
  });

  it.each([
    '',
    'plain',
    'scrypt:0:8:1:AAAA:AAAA',
    'scrypt:1073741824:8:1:AAAA:AAAA',
    'scrypt:3:8:1:AAAA:AAAA',
    'scrypt:16384:8:1:AAAA:',
    'scrypt:x:y:z:AAAA:AAAA',
  ])('against the hash %j are wrong', async (stored) => {
    expect(await verifyPassword('correct horse', stored)).toBe(false);
  });

  it('leave the event loop alone while they are verified', async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    await Promise.all(Array.from({ length: 6 }, () => verifyPassword('wrong', RFC)));
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(5);
  });

  it('wait for their turn, and too many that wait are turned away', async () => {
    const cheap = RFC.replace(':16384:', ':1024:');
    const answers = await Promise.all(Array.from({ length: 90 }, () => verifyPassword('wrong', cheap)));
    expect(answers.filter((right) => right === false).length).toBeGreaterThan(60);
    expect(answers.filter((right) => right === undefined).length).toBeGreaterThan(20);
    expect(await verifyPassword('pleaseletmein', RFC)).toBe(true);
  });

  it('that are short are refused', () => {
    expect(requirePassword('12345678')).toBe('12345678');
    expect(() => requirePassword('1234567')).toThrow(expect.objectContaining({ code: 'PASSWORD_UNUSABLE' }));
  });
});
