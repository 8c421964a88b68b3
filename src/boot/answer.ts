/** One question for a rendered file and its answer, whatever protocol it came by. */

import type { ChainbootError } from '../errors.ts';
import type { TemplateKind } from '../inventory/types.ts';
import type { Mac } from '../net/mac.ts';
import type { Claims } from './identify.ts';
import type { Reason } from './reason.ts';
import type { BaseUrl } from './urls.ts';

export type Question = {
  readonly kind: TemplateKind;
  readonly claims: Claims;
  /** See boot/select.ts. */
  readonly bootstrap: boolean;
  /** `?static=` with a value: templates see it as `@static`. */
  readonly static?: boolean;
  /** A script that could not start its kernel asks once more by itself: no round of a loop. */
  readonly retry?: boolean;
  /** Boot plane as the machine that asks reaches it. */
  readonly base: BaseUrl;
};

type Who = { readonly host?: string; readonly mac?: Mac };

export type Answered = Who &
  (
    | {
        readonly ok: true;
        readonly text: string;
        readonly template: string;
        readonly because: Reason;
        /** Why the machine was taken for this host. */
        readonly identity: Reason;
        /** It goes in circles: this tells it so, and is no rendering of a template. */
        readonly held?: true;
      }
    | { readonly ok: false; readonly error: ChainbootError; readonly because: Reason }
  );

/** identify → select → render. Never rejects. */
export type Answerer = (question: Question) => Promise<Answered>;
