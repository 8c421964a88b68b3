import { expect, it } from 'vitest';
import type { Route } from '../http/answer.ts';
import type { BootRequest } from '../http/request.ts';
import type { ClientCertificate } from '../http/secure.ts';
import { guarded, type Trust } from './clients.ts';

const ROUTE: Route = {
  methods: ['GET'],
  pattern: '/x',
  handle: async () => ({ kind: 'empty', status: 200 }),
};

async function asked(
  trust: Trust,
  from: { readonly certificate?: ClientCertificate; readonly names?: readonly string[] },
): Promise<string> {
  const logged: string[] = [];
  const [route] = guarded([ROUTE], {
    trust: () => trust,
    namesOf: async () => from.names ?? [],
    log: (level) => logged.push(level),
  });
  const remote = {
    address: '192.0.2.7',
    port: 1,
    ...(from.names === undefined && { secure: true as const }),
  };
  const request = {
    path: '/x',
    method: 'GET',
    remote,
    id: '1',
    certificate: from.certificate,
  } as BootRequest;
  const outcome = await route!.handle(request, {}).then(
    () => 'taken',
    (error: { readonly code: string }) => error.code,
  );
  expect(logged).toEqual(outcome === 'taken' ? [] : ['warn']);
  return outcome;
}

const TRUSTED: Trust = { hosts: new Set(['foreman.example']), plainHttp: false };
const certificate = { name: 'foreman.example' };

it('over HTTPS, certificates and their names count', async () => {
  expect(await asked(TRUSTED, { certificate })).toBe('taken');
  expect(await asked(TRUSTED, { certificate: { name: 'other.example' } })).toBe('PROXY_CLIENT_UNTRUSTED');
  expect(await asked(TRUSTED, { certificate: { ...certificate, fault: 'CERT_REVOKED' } })).toBe(
    'PROXY_CLIENT_UNTRUSTED',
  );
  expect(await asked(TRUSTED, {})).toBe('PROXY_CLIENT_UNTRUSTED');
});

it('everybody with a certificate is trusted where nobody is named', async () => {
  const all = { ...TRUSTED, hosts: undefined };
  expect(await asked(all, { certificate: { name: 'any' } })).toBe('taken');
  expect(await asked(all, {})).toBe('PROXY_CLIENT_UNTRUSTED');
  expect(await asked({ ...all, plainHttp: true }, { names: ['any'] })).toBe('PROXY_TLS_NEEDED');
});

it('over plain HTTP, names of DNS count, where that is allowed', async () => {
  expect(await asked(TRUSTED, { names: ['foreman.example'] })).toBe('PROXY_TLS_NEEDED');
  const plain = { ...TRUSTED, plainHttp: true };
  expect(await asked(plain, { names: ['alias.example', 'Foreman.Example'] })).toBe('taken');
  expect(await asked(plain, { names: ['other.example'] })).toBe('PROXY_CLIENT_UNTRUSTED');
  expect(await asked(plain, { names: [] })).toBe('PROXY_CLIENT_UNTRUSTED');
});
