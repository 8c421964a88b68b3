/** iPXE from its first request to the kernel, and HTTP boot. */

import { ipxeErrorOf } from '../codes/ipxe.ts';
import { found, lineOf, seen, silence } from '../rule.ts';
import { after, isError, isKernel, isOptional, isWhole, last, linesOf, refusedWith } from '../steps.ts';
import type { Match, Rule, SeenStep, Sight } from '../types.ts';

/** iPXE waits 13 s for an IPv6 router after each of its ACKs. */
const FETCH_MS = 30_000;

/** What the machine was sent to, as the last that was heard of it. */
function sentTo(stage: 'ipxe' | 'rom', url: RegExp): Rule['match'] {
  return ({ steps }) => {
    const latest = steps.at(-1);
    const isSent =
      latest?.kind === 'dhcp.ack' || (latest?.kind === 'dhcp.offer' && latest.via === 'proxy-dhcp');
    const isStage =
      stage === 'ipxe' ? latest?.stage === 'ipxe' || latest?.stage === 'gpxe' : latest?.stage !== 'ipxe';
    return isSent && isStage && url.test(latest?.what ?? '')
      ? found(latest, { url: latest?.what })
      : undefined;
  };
}

/** Scripts that start a kernel; not the one that tries all cards, nor the way to the disk. */
function isBuildScript({ kind, because, what = '' }: SeenStep): boolean {
  if (kind === 'http.script')
    return ['script-build', 'script-driver', 'script-driver-other', 'script-driver-worked'].includes(
      because.code,
    );
  return kind === 'http.answers' && /^\/unattended\/PXE/.test(what);
}

function scriptAlone(sight: Sight): Match | undefined {
  const script = last(sight.steps, isBuildScript);
  if (script === undefined) return undefined;
  const behind = after(sight, script).filter((step) => !isOptional(step));
  const isGoingOn = behind.some(
    (step) => isWhole(step) || isError(step) || step.kind.startsWith('http.') || isKernel(step),
  );
  return isGoingOn ? undefined : found(script);
}

function ipxeError(sight: Sight): Match | undefined {
  for (const { step, text } of linesOf(sight).toReversed()) {
    const known = ipxeErrorOf(/ipxe\.org\/([0-9a-f]{8})/i.exec(text)?.[1] ?? '');
    if (known !== undefined)
      return found(step, { number: known.code, meaning: known.cause, remedy: known.fix });
  }
  return undefined;
}

/** Of anything a boot needs: what is merely looked for is left out. */
function refusedRequest({ steps }: Sight): Match | undefined {
  const step = last(steps, (one) => isError(one) && !isOptional(one) && refusedWith(one) !== undefined);
  return step === steps.at(-1) ? found(step) : undefined;
}

const TRUST =
  /(0216eb|certificate (?!has expired)|unable to get local issuer|self.signed|x509|untrusted root)/i;
const CLOCK =
  /(certificate has expired|not yet valid|expired or not yet|clock (skew|is wrong)|release file .* not valid yet)/i;

export const IPXE: readonly Rule[] = [
  seen(
    {
      code: 'clock-wrong',
      symptom: 'a certificate or a signature is not valid at the time of the machine',
      cause: 'the clock of the machine is wrong, or a certificate has expired: {text}',
      fix: "set the clock in the firmware (a dead battery sets it back), or let the installer ask NTP; look at the server's certificate: chainboot certificate show",
      source: 'RFC 5280, 4.1.2.5',
    },
    lineOf(CLOCK),
  ),
  seen(
    {
      code: 'certificate-not-trusted',
      symptom: 'the machine does not trust the certificate of a server',
      cause: 'the machine does not trust the certificate: {text}',
      fix: 'give the firmware or iPXE our root (chainboot certificate ca); iPXE has to be built with TRUST=; or boot over http',
      source: 'iPXE 0216eb3c, on UEFI 0216eb8f; RFC 5280, 6',
    },
    lineOf(TRUST),
  ),
  silence(
    {
      code: 'ipxe-without-https',
      symptom: 'an iPXE is sent to an https URL and never connects',
      cause:
        'iPXE was sent to {url} and never asked there: it was built without HTTPS, as those of Debian are, or does not trust the certificate',
      fix: 'turn https_boot of the link off, or use an iPXE with DOWNLOAD_PROTO_HTTPS and TRUST= of our root',
      source: 'iPXE of Debian 12: Operation not supported (3c092003)',
    },
    FETCH_MS,
    sentTo('ipxe', /^https:/),
  ),
  silence(
    {
      code: 'stopped-before-tls',
      symptom: 'a firmware is sent to an https URL and never connects',
      cause:
        'the machine was given {url} and never connected: it has no root certificate to trust, no TLS, or no way to this address',
      fix: 'enroll our root in the firmware (chainboot certificate ca), or turn https_boot of the link off',
      source: 'OVMF 2022.11 without a root asks DHCP and does not even connect',
    },
    15_000,
    sentTo('rom', /^https:/),
  ),
  silence(
    {
      code: 'http-boot-never-came',
      symptom: 'a UEFI HTTP boot is named a URL and never fetches it',
      cause:
        'the firmware was given {url} and never asked for it: TCP to this server is blocked, it has no route or name server for it, or takes plain HTTP for insecure',
      fix: 'let TCP port 80 (http.port) pass; give the subnet its router; allow HTTP connections in the firmware',
      source: 'UEFI 2.10, 24.7; EDK II PcdAllowHttpConnections',
    },
    FETCH_MS,
    sentTo('rom', /^http:/),
  ),
  silence(
    {
      code: 'script-not-fetched',
      symptom: 'an iPXE is named its script and never fetches it',
      cause:
        'iPXE was given {url} and never asked for it: TCP to this server is blocked, or it has no route to it',
      fix: 'let TCP port 80 (http.port) pass; give the subnet its router if the server is in another network',
      source: 'iPXE: Connection timed out (4c0a6035)',
    },
    FETCH_MS,
    sentTo('ipxe', /^http:/),
  ),
  silence(
    {
      code: 'script-without-kernel',
      symptom: 'a script or menu was fetched and no kernel was asked for',
      cause:
        '{what} was fetched, and the kernel it names never was: the URL of its medium cannot be reached from the machine, or the script stopped before it',
      fix: 'look at the screen of the machine and at the script (chainboot template render); look whether the machine reaches the medium (router, name server, https)',
      source: 'iPXE ends a script at the first command that fails',
    },
    FETCH_MS,
    scriptAlone,
  ),
  seen(
    {
      code: 'ipxe-error',
      symptom: 'iPXE reports an error with its number',
      cause: 'iPXE says {number}: {meaning}',
      fix: '{remedy}',
      source: 'https://ipxe.org/err',
    },
    ipxeError,
  ),
  seen(
    {
      code: 'request-refused',
      symptom: 'the last request of the machine was refused',
      cause: 'its last request, {what}, was refused: {sentence}',
      fix: 'do what the sentence asks for; chainboot boot show {boot} has the whole boot',
      source: 'docs/why.md',
    },
    (sight) => {
      const match = refusedRequest(sight);
      return match && { ...match, values: { ...match.values, boot: match.evidence[0]?.boot } };
    },
  ),
];
