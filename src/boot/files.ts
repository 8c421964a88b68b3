/** What a name asked for by TFTP or HTTP turns out to be; the servers only move the bytes. */

import type { ErrorCode, ErrorValues } from '../errors.ts';
import type { Mac } from '../net/mac.ts';
import type { Reason } from './reason.ts';

export type Requester = {
  /** Remote address, dotted or IPv6. */
  readonly address: string;
  readonly port: number;
  readonly link?: string;
  /** It asks over TLS, so the URLs it is given begin with https. */
  readonly secure?: true;
};

export type Content =
  | {
      readonly kind: 'bytes';
      readonly bytes: Uint8Array;
      readonly because: Reason;
      readonly mac?: Mac;
      readonly host?: string;
    }
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly because: Reason;
      readonly mac?: Mac;
      readonly host?: string;
    }
  | {
      readonly kind: 'error';
      readonly code: ErrorCode;
      readonly values: ErrorValues;
      readonly because: Reason;
      readonly mac?: Mac;
      readonly host?: string;
    };

/** Resolves a normalised relative name (no leading slash, no `..`, no `//`). Never rejects. */
export type ContentResolver = (name: string, requester: Requester) => Promise<Content>;
