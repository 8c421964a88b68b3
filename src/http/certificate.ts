/** `/pub/ca.crt`, `/pub/ca.der`: the root that machines are to trust, for whoever builds an iPXE or sets up firmware. */

import { X509Certificate } from 'node:crypto';
import { ChainbootError } from '../errors.ts';
import type { Answer, Route } from './answer.ts';

/** @param root PEM; undefined where there is no HTTPS */
export function certificateRoutes(root: () => string | undefined): readonly Route[] {
  const route = (pattern: string, answer: (pem: string) => Answer): Route => ({
    methods: ['GET', 'HEAD'],
    pattern,
    handle: async () => {
      const pem = root();
      if (pem === undefined) throw new ChainbootError('HTTPS_OFF');
      return answer(pem);
    },
  });
  return [
    route('/pub/ca.crt', (text) => ({ kind: 'text', status: 200, text, type: 'application/x-pem-file' })),
    route('/pub/ca.der', (pem) => ({
      kind: 'bytes',
      status: 200,
      bytes: new X509Certificate(pem).raw,
      type: 'application/pkix-cert',
    })),
  ];
}
