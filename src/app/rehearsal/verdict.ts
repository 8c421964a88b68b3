/** Whether a machine boots, from what came of playing it. Pure. */

import type { BootOutcome } from '../../client/outcome.ts';
import type { ChainbootError } from '../../errors.ts';
import type { Host } from '../../inventory/types.ts';
import type { RehearsalReport } from '../../service/rehearsal/report.ts';

export type Verdict = Pick<RehearsalReport, 'boots' | 'code' | 'sentence' | 'hint'>;

export type Played = {
  readonly host: Host;
  readonly outcome: Pick<BootOutcome, 'reached' | 'why' | 'code'>;
  /** The last error that the server answered, if any. */
  readonly error: ChainbootError | undefined;
  readonly held: boolean;
  /** The last request over HTTP that this server refused. */
  readonly refused: { readonly code: string; readonly sentence: string } | undefined;
  /** Why DHCP named nothing to boot, or gave no address. */
  readonly dhcp: string | undefined;
  /** Whether a template with answers belongs to it, so that an installer is meant to be told. */
  readonly hasAnswers: boolean;
};

export function verdictOf({ host, outcome, error, held, refused, dhcp, hasAnswers }: Played): Verdict {
  const { reached, why, code } = outcome;
  if (held)
    return fails(host, 'held', 'it goes in circles, and is shown that instead of its script', RELEASE);
  if (reached === 'installed')
    return boots(host, 'boots', 'its installer is started, gets its answers, and can report that it is done');
  if (reached === 'kernel' && !hasAnswers) return boots(host, 'boots', why);
  if (reached === 'kernel') {
    const told = `${why}, and its command line names no answers, although there is a template for them`;
    return fails(host, 'installer-no-answers', told, undefined);
  }
  if (error !== undefined) return fails(host, error.code, error.message, error.hint);
  if (reached === 'local-boot' && !host.build)
    return boots(host, 'boots-from-disk', 'it is not in build mode, and is sent to its own disk');
  if (reached === 'local-boot') return fails(host, 'local-boot', why, undefined);
  // A script that asks again and again, or gives up, is only what comes of it.
  if (refused !== undefined && SCRIPT_ENDS.has(code ?? ''))
    return fails(host, refused.code, refused.sentence, undefined);
  const reason = code?.startsWith('dhcp-') && dhcp !== undefined ? `${why}, as ${dhcp}` : why;
  return fails(host, code ?? reached, reason, undefined);
}

const SCRIPT_ENDS: ReadonlySet<string> = new Set([
  'script-endless',
  'script-ended',
  'script-exit',
  'timeout',
]);
const RELEASE = 'let it go with: chainboot host release';

function boots({ name }: Host, code: string, why: string): Verdict {
  return { boots: true, code, sentence: `${name} will boot: ${why}` };
}

function fails({ name }: Host, code: string, why: string, hint: string | undefined): Verdict {
  return {
    boots: false,
    code,
    sentence: `${name} will not boot: ${why}`,
    ...(hint !== undefined && { hint }),
  };
}
