/** identify → select → render: the one path behind every rendered file, over HTTP, over TFTP and in previews. */

import type { Answered, Answerer, Question } from '../boot/answer.ts';
import { heldText, withNotice } from '../boot/held.ts';
import { cameBackReason, type Who } from '../boot/hold.ts';
import { type Identity, identify } from '../boot/identify.ts';
import type { LeaseLookup } from '../boot/lease.ts';
import type { Log } from '../boot/log.ts';
import { because, type Reason, sentence } from '../boot/reason.ts';
import { select } from '../boot/select.ts';
import { type BaseUrl, unattendedUrl } from '../boot/urls.ts';
import { ChainbootError, type ErrorCode, type ErrorValues } from '../errors.ts';
import type { Site } from '../inventory/site.ts';
import type { Host, ProvisioningTemplate, TemplateKind } from '../inventory/types.ts';
import type { Mac } from '../net/mac.ts';
import { formatTemplateError } from '../template/errors.ts';
import type { RenderPool } from '../template/pool.ts';
import { scopeOf } from '../template/scope.ts';
import type { LoopGuard } from './loop-guard.ts';

export type AnswersDeps = {
  readonly site: () => Site;
  readonly leases: LeaseLookup;
  readonly pool: Pick<RenderPool, 'render'>;
  readonly now: () => number;
  /** Takes what templates say with `log_info` and its like. */
  readonly log?: Log;
  /** The root certificate of our HTTPS, PEM, for templates that hand it on. */
  readonly root?: () => string | undefined;
  /** Where URLs of a host lead instead of to `base`: the smart proxy for templates of its subnet. */
  readonly through?: (host: Host) => BaseUrl | undefined;
  /** What was seen of the machines; nothing unless given. */
  readonly guard?: Pick<LoopGuard, 'cameBack' | 'driverOfChain' | 'holdOf'>;
};

export function answers(deps: AnswersDeps): Answerer {
  return async ({ kind, claims, bootstrap, base, static: fixed }) => {
    const now = deps.now();
    const site = deps.site();
    const identity = identify(claims, site, deps.leases, { now, acceptExpired: false });
    const who = whoIs(identity);
    const seen = seenOf(identity, claims);
    const selection = select(kind, identity, site, {
      now,
      bootstrap,
      held: deps.guard?.holdOf(seen),
      driver: (first) => deps.guard?.driverOfChain(seen, first),
    });
    if (selection.kind === 'error') return refused(selection.code, selection.values, who);
    if (selection.kind === 'held') {
      const through = seen.host && deps.through?.(seen.host);
      const text = heldText(kind, selection.held, scriptUrl(through ?? base, identity.mac));
      const { because: reason } = selection;
      return {
        ok: true,
        text,
        template: HELD,
        because: reason,
        identity: evidence(identity),
        held: true,
        ...who,
      };
    }
    const { template, host } = selection;
    const outcome = await renderFor(deps, template, {
      kind,
      host,
      base,
      mac: identity.mac,
      static: fixed,
    });
    if (outcome instanceof ChainbootError)
      return { ok: false, error: outcome, because: said(outcome), ...who };
    return {
      ok: true,
      template: template.name,
      identity: evidence(identity),
      ...noticed(deps, kind, host, template.name, { text: outcome, because: selection.because }),
      ...who,
    };
  };
}

/** Stands where the trace names the template. */
const HELD = 'held by the loop guard';

function seenOf(identity: Identity, { address }: Question['claims']): Who {
  const host = identity.kind === 'unknown' ? undefined : identity.host;
  return { host, mac: identity.mac, address };
}

/** Where iPXE asks for its script again; it fills its MAC in itself where we do not know it. */
function scriptUrl(base: BaseUrl, mac: Mac | undefined): string {
  return mac === undefined
    ? `${unattendedUrl(base, 'iPXE')}?mac=${'${netX/mac}'}`
    : unattendedUrl(base, 'iPXE', { mac });
}

type Said = { readonly text: string; readonly because: Reason };

/** A host that comes back from its disk again and again is sent there once more, with a word about it. */
function noticed(
  { guard }: AnswersDeps,
  kind: TemplateKind,
  host: Host | undefined,
  template: string,
  said: Said,
): Said {
  if (said.because.code !== 'script-local' || host === undefined) return said;
  const loop = guard?.cameBack(host);
  if (loop === undefined) return said;
  const reason = cameBackReason(loop, host.name, template);
  return { text: withNotice(kind, said.text, sentence(reason), host.name), because: reason };
}

type RenderFor = {
  readonly kind: TemplateKind;
  readonly host: Host | undefined;
  readonly base: Question['base'];
  readonly mac?: string | undefined;
  readonly static?: boolean | undefined;
  /** Somebody looks at it; no machine gets it. */
  readonly preview?: boolean;
};

/** A partition table brings its text along: the library knows templates only. */
export type Renderable = Pick<ProvisioningTemplate, 'name'> & { readonly text?: string };

/** Text, or TEMPLATE_FAILED with the place in the template. */
export async function renderFor(
  deps: Pick<AnswersDeps, 'site' | 'pool' | 'now' | 'log' | 'root' | 'through'>,
  template: Renderable,
  { kind, host, base, mac, static: fixed, preview }: RenderFor,
): Promise<string | ChainbootError> {
  const root = deps.root?.();
  const through = host && deps.through?.(host);
  const scope = scopeOf({
    site: deps.site(),
    ...(root !== undefined && { root }),
    kind,
    base: through ?? base,
    // It has no media of ours.
    ...(through !== undefined && { served: base }),
    now: deps.now(),
    ...(host && { host }),
    ...(mac && { mac }),
    ...(fixed && { static: true }),
    ...(preview && { preview: true }),
  });
  const { name: asked, text } = template;
  const result = await deps.pool.render({ template: asked, scope, ...(text !== undefined && { text }) });
  for (const { level, message, template: name, line } of result.logs ?? [])
    deps.log?.(level === 'fatal' ? 'error' : level, message, { template: name, line, host: host?.name });
  if (result.ok) return result.text;
  const reason = formatTemplateError(result.error);
  return new ChainbootError('TEMPLATE_FAILED', { template: asked, reason, host: host?.name ?? 'NAME' });
}

function whoIs(identity: Identity): Pick<Answered, 'host' | 'mac'> {
  const host = identity.kind === 'unknown' ? undefined : identity.host?.name;
  return { ...(host !== undefined && { host }), ...(identity.mac !== undefined && { mac: identity.mac }) };
}

function evidence(identity: Identity): Reason {
  return identity.kind === 'refused' ? because('refused', { sentence: identity.code }) : identity.because;
}

function said(error: ChainbootError): Reason {
  return because('script-error', { sentence: error.message });
}

function refused(code: ErrorCode, values: ErrorValues, who: Pick<Answered, 'host' | 'mac'>): Answered {
  const error = new ChainbootError(code, values);
  return { ok: false, error, because: because('refused', { sentence: error.message }), ...who };
}
