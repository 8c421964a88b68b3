import { describe, expect, it } from 'vitest';
import { redactText, redactValues } from './redact.ts';

const SECRET = 'h4Rd-2.gueSS';

describe('redactText', () => {
  it.each([
    `GET /unattended/built?mac=52:54:00:00:00:01&token=${SECRET}&x=1`,
    `token=${SECRET}`,
    `the script chains http://192.0.2.1/unattended/provision?token=${SECRET}`,
    `http://192.0.2.1/x?access_token=${SECRET}#a`,
    `Authorization: Basic ${Buffer.from(`admin:${SECRET}`).toString('base64')}`,
    `authorization=Digest username="admin", response="${SECRET}"`.replace(/"/g, ''),
    `{"authorization":"Bearer ${SECRET}"}`,
    `sent Bearer ${SECRET}${SECRET} to it`,
    `Cookie: a=b; __Host-chainboot_session=${SECRET}`,
    `set-cookie: __Host-chainboot_session=${SECRET}; Path=/`,
    `cbt_${SECRET.replaceAll('.', '_')}_longer`,
    `rootpw --iscrypted $6$salt$${SECRET}`,
    `user-setup $y$j9T$salt$${SECRET} end`,
    `scrypt:16384:8:5:c2FsdA:${SECRET.replaceAll('.', '_')}`,
    `https://admin:${SECRET}@foreman.example/api`,
    `root_pass=${SECRET}`,
  ])('leaves nothing of the secret in %j', (text) => {
    const told = redactText(text);
    expect(told).toContain('[redacted]');
    for (const part of [SECRET, 'h4Rd', 'gueSS', Buffer.from(`admin:${SECRET}`).toString('base64')])
      expect(told).not.toContain(part);
  });

  it.each([
    'the build token of web1.example expired at 2026-01-01',
    'Unable to authenticate user ann@example.org',
    'HTTP Basic authentication is needed',
    'chain http://192.0.2.1/unattended/iPXE?mac=52:54:00:00:00:01',
    'no password was given',
    'costs $5 or $6',
    '',
  ])('leaves %j alone', (text) => {
    expect(redactText(text)).toBe(text);
  });

  it('keeps what is around', () => {
    expect(redactText('/unattended/built?token=abc&mac=1')).toBe('/unattended/built?token=[redacted]&mac=1');
  });

  it('takes no longer for a text that is made to be difficult', () => {
    const started = performance.now();
    for (const bad of ['token=', 'a_', '//', 'authorization ', '$6$', 'http', '@', 'Basic ', 'a://'])
      redactText(`token ${bad.repeat(20_000)}`);
    expect(performance.now() - started).toBeLessThan(15_000);
  });
});

describe('redactValues', () => {
  it('takes values by their names, however deep', () => {
    const values = {
      password: SECRET,
      host: { root_pass: SECRET, token: { value: SECRET }, name: 'web1' },
      headers: [{ Authorization: SECRET, 'set-cookie': [SECRET], accept: '*/*' }],
      build_token: SECRET,
      admin_password: 12345678,
      error: new Error(`token=${SECRET}`),
      tokens: 3,
      empty: undefined,
      password_hash: null,
    };
    const told = redactValues(values);
    expect(JSON.stringify(told)).not.toContain(SECRET);
    expect(told).toMatchObject({
      host: { name: 'web1' },
      tokens: 3,
      password: '[redacted]',
      password_hash: null,
    });
    expect(told.admin_password).toBe('[redacted]');
    expect(told.headers).toMatchObject([{ accept: '*/*' }]);
  });

  it('ends', () => {
    const round: Record<string, unknown> = { password: SECRET };
    round.self = round;
    expect(JSON.stringify(redactValues(round))).not.toContain(SECRET);
  });
});
