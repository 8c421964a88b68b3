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

/** A file that is still on its way, with its final size: who reads it waits for what is not there yet. */
export type Growing = {
  /** Bytes. */
  readonly size: number;
  /** How many bytes are there, once there are more than `at`. Rejects when they will never come. */
  beyond(at: number): Promise<number>;
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
      readonly growing?: Growing;
      /** Two files of the same tag are the same bytes, wherever they lie. */
      readonly tag?: string;
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
