/** What a handler answers; send.ts turns it into bytes on the wire. */

import type { Growing } from '../boot/files.ts';
import type { ChainbootError } from '../errors.ts';
import type { BootRequest, Method } from './request.ts';

/** How an answer ended. Told exactly once, after the last byte went out or the client went away. */
export type Outcome = {
  readonly status: number;
  /** Bytes of the body that the kernel took. */
  readonly bytes: number;
  /** Bytes of the body that were promised (0 for HEAD). */
  readonly size: number;
  /** Milliseconds from the request's head to the end. */
  readonly took: number;
  /** The connection ended before all was sent. */
  readonly aborted: boolean;
  /** Why the file of the answer was not sent, or not to its end. */
  readonly error?: ChainbootError;
};

type Common = {
  readonly headers?: Readonly<Record<string, string>>;
  /** For the trace; what it throws is logged and changes nothing. */
  readonly onFinished?: (outcome: Outcome) => void;
};

export type Answer = Common &
  (
    | {
        readonly kind: 'text';
        readonly status: number;
        readonly text: string;
        /** Content-Type; `text/plain; charset=utf-8` unless told. */
        readonly type?: string;
      }
    | { readonly kind: 'bytes'; readonly status: number; readonly bytes: Uint8Array; readonly type: string }
    /** A regular file, with ranges and validators. Statuses 200, 206, 304, 412 or 416 follow from the request. */
    | {
        readonly kind: 'file';
        readonly path: string;
        readonly name: string;
        readonly type?: string;
        readonly growing?: Growing;
        /** Two files of the same tag are the same bytes; unless given, it is told by place, size and date. */
        readonly tag?: string;
      }
    | { readonly kind: 'empty'; readonly status: number }
  );

export type Params = Readonly<Record<string, string>>;

export type Route = {
  /** HEAD is not implied by GET: a HEAD on a route with effects would have them. */
  readonly methods: readonly Method[];
  /** `/unattended/:kind` binds one segment; a final `/*` binds the rest (one segment or more) as `params['*']`. */
  readonly pattern: string;
  /** True where iPXE runs the answer: its errors must then be scripts with status 200. */
  readonly isScript?: (params: Params) => boolean;
  /** A ChainbootError it rejects with becomes the answer the client can show; anything else INTERNAL. */
  readonly handle: (request: BootRequest, params: Params) => Promise<Answer>;
};
