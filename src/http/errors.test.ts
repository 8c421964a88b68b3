import { describe, expect, it } from 'vitest';
import { ChainbootError } from '../errors.ts';
import { errorAnswer, errorScript } from './errors.ts';
import type { BootRequest } from './request.ts';

function requestOf(agent: BootRequest['agent']): BootRequest {
  return {
    id: 'r-1',
    method: 'GET',
    path: '/unattended/iPXE',
    segments: ['unattended', 'iPXE'],
    query: new URLSearchParams(),
    headers: {},
    remote: { address: '192.0.2.7', port: 1 },
    agent,
    ifIpxe: agent === 'ipxe',
    url: 'http://192.0.2.1/unattended/iPXE?mac=1',
    readBody: async () => new Uint8Array(),
  };
}

describe('errorScript', () => {
  it('is a script that tells code, sentence and hint, then asks again', () => {
    const error = new ChainbootError('TEMPLATE_FAILED', {
      template: `my \${template}`,
      host: 'db01',
      reason: 'line 3\nunexpected && here',
    });
    const lines = errorScript(error, { requestId: 'r-1', retryUrl: 'http://192.0.2.1/x' }).split('\n');
    expect(lines[0]).toBe('#!ipxe');
    expect(lines).toContain('echo Chainboot: TEMPLATE_FAILED');
    expect(lines).toContain('echo Request r-1');
    expect(lines).toContain('chain --replace --autofree http://192.0.2.1/x || goto again');
    expect(lines.filter((line) => !/^(#!ipxe|echo|:again|prompt |chain |$)/.test(line))).toEqual([]);
    expect(lines.join('\n')).not.toContain(`\${`);
  });
});

describe('errorAnswer', () => {
  const error = new ChainbootError('HOST_UNKNOWN', { evidence: '192.0.2.7' });

  it('gives an iPXE a script with status 200 where it runs the answer', () => {
    expect(errorAnswer(requestOf('ipxe'), error, true)).toMatchObject({
      status: 200,
      text: expect.stringMatching(
        /^#!ipxe\n[\s\S]*HOST_UNKNOWN[\s\S]*http:\/\/192.0.2.1\/unattended\/iPXE\?mac=1 /,
      ),
    });
  });

  it('never gives an iPXE a 200 for a file it would load', () => {
    expect(errorAnswer(requestOf('ipxe'), error, false)).toMatchObject({ status: 404 });
  });

  it('gives everyone else status and text', () => {
    expect(errorAnswer(requestOf('other'), error, true)).toMatchObject({
      status: 404,
      text: expect.stringMatching(/^HOST_UNKNOWN: .+\n.+\n$/),
      headers: { 'X-Chainboot-Error': 'HOST_UNKNOWN' },
    });
    expect(errorAnswer(requestOf('other'), new TypeError('oops'), true)).toMatchObject({ status: 500 });
  });
});
