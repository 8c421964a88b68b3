/**
 * The installer a kernel command line starts: fetches its answers, and reports back when it is done, as the
 * script at the end of a preseed or kickstart does.
 */

import { BootFailure } from './failure.ts';
import type { Fetched } from './fetched.ts';
import { firstLine } from './image.ts';

export type AnswersKind = 'preseed' | 'kickstart' | 'autoyast' | 'autoinstall' | 'ignition';

export type InstallerOutcome = {
  readonly kind: AnswersKind;
  readonly answersUrl: string;
  readonly answers: string;
  readonly builtUrl: string;
};

export type InstallerWeb = {
  readonly get: (url: string, keep: number) => Promise<Fetched>;
  readonly post: (url: string, body: string) => Promise<Fetched>;
};

const KEEP_ANSWERS = 4 * 1024 * 1024;

/** The seed of cloud-init comes first: beside it, url= is the ISO of Ubuntu's installer. */
const PARAMETERS: readonly (readonly [pattern: RegExp, kind: AnswersKind])[] = [
  [/(?:^|\s)ds=["']?nocloud(?:-net)?;(?:\S*;)?s=([^\s;"']+)/, 'autoinstall'],
  [/(?:^|\s)(?:preseed\/)?url=(\S+)/, 'preseed'],
  [/(?:^|\s)(?:inst\.)?ks=(\S+)/, 'kickstart'],
  [/(?:^|\s)autoyast2?=(\S+)/, 'autoyast'],
  [/(?:^|\s)ignition\.config\.url=(\S+)/, 'ignition'],
];

/** Where the command line says the answers are; undefined when it says nothing of the kind. */
export function answersOf(cmdline: string): { readonly url: string; readonly kind: AnswersKind } | undefined {
  for (const [pattern, kind] of PARAMETERS) {
    const url = pattern.exec(cmdline)?.[1];
    if (url !== undefined) return { url: unquote(url), kind };
  }
  return undefined;
}

const unquote = (value: string): string => value.replace(/^["']|["']$/g, '');

/**
 * A preseed is lines of `d-i …`, a kickstart has `%` sections, AutoYaST is XML, autoinstall is cloud-config,
 * Ignition is JSON.
 */
const MARKS: Readonly<Record<AnswersKind, RegExp>> = {
  preseed: /^\s*(?:d-i|tasksel|popularity-contest|[\w.+-]+)\s+[\w.+-]+\/[\w./+-]+\s+\w+/m,
  kickstart: /^%(?:packages|post|pre|end)\b|^(?:rootpw|bootloader|timezone)\s/m,
  autoyast: /<profile[\s>]/,
  autoinstall: /^#cloud-config/m,
  ignition: /"ignition"\s*:/,
};

/** Fetches, checks, reports. Rejects with a BootFailure. */
export async function install(cmdline: string, web: InstallerWeb): Promise<InstallerOutcome> {
  const found = answersOf(cmdline);
  if (found === undefined) {
    throw new BootFailure(
      'installer-no-answers',
      'the kernel command line names no answers (url=, inst.ks=, ks=, autoyast=, ignition.config.url=, ds=nocloud-net;s=)',
    );
  }
  const { kind } = found;
  // cloud-init asks for user-data below the seed URL.
  const answersUrl = kind === 'autoinstall' ? new URL('user-data', ended(found.url)).href : found.url;
  // Without meta-data it takes the seed for none.
  if (kind === 'autoinstall') await web.get(new URL('meta-data', ended(found.url)).href, KEEP_ANSWERS);
  const file = await web.get(answersUrl, KEEP_ANSWERS);
  const answers = new TextDecoder().decode(file.head);
  if (!MARKS[kind].test(answers)) {
    throw new BootFailure(
      'installer-answers',
      `${answersUrl} is no ${kind} file: it starts "${firstLine(file.head)}"`,
    );
  }
  const built = builtRequest(answers) ?? builtRequest(await finishScript(answers, web));
  if (built === undefined) {
    throw new BootFailure(
      'installer-built',
      `${answersUrl} does not report back: there is no …/unattended/built in it, nor in a finish script`,
    );
  }
  await report(built, web);
  return { kind, answersUrl, answers, builtUrl: built.url };
}

const ended = (url: string): string => (url.endsWith('/') ? url : `${url}/`);

/** The script that answers fetch to run it in the new system at the end; empty without one. */
async function finishScript(answers: string, web: InstallerWeb): Promise<string> {
  const url = unattendedUrl(answers, 'finish');
  if (url === undefined) return '';
  const { head } = await web.get(url, KEEP_ANSWERS);
  return new TextDecoder().decode(head);
}

type BuiltRequest = { readonly url: string; readonly method: 'GET' | 'POST' };

/** As it is written; the query may be quoted for the shell, character by character: `built\?token\=…\&x\=1`. */
function writtenUrl(text: string, endpoint: 'built' | 'finish'): string | undefined {
  const rest = String.raw`(?:[^\s"'<>\\;|)]|\\[?=&%~])*`;
  return new RegExp(String.raw`https?://[^\s"'<>\\;|&)]+/unattended/${endpoint}${rest}`).exec(text)?.[0];
}

function unattendedUrl(text: string, endpoint: 'built' | 'finish'): string | undefined {
  return writtenUrl(text, endpoint)?.replaceAll('\\', '');
}

/** Foreman's `save_to_file` wraps scripts into `base64 -d` in lines of 60. */
function decodedBase64(answers: string): string[] {
  const blocks =
    answers.match(/(?:[A-Za-z0-9+/]{60}\n)+[A-Za-z0-9+/]{0,60}={0,2}|[A-Za-z0-9+/]{40,}={0,2}/g) ?? [];
  return blocks.map((block) => Buffer.from(block, 'base64').toString('utf8'));
}

/** The call at the end of the answers; with `wget -O` or a bare curl it is a GET, as written. */
export function builtRequest(answers: string): BuiltRequest | undefined {
  // XML answers carry the & of a query escaped; scripts that are saved to a file come in base64.
  const text = [answers.replaceAll('&amp;', '&'), ...decodedBase64(answers)].join('\n');
  const found = writtenUrl(text, 'built');
  if (found === undefined) return undefined;
  const line = text.split('\n').find((candidate) => candidate.includes(found)) ?? '';
  const url = found.replaceAll('\\', '');
  const isGet = /\bwget\b/.test(line) && !/--post|--method/.test(line);
  return { url, method: isGet ? 'GET' : 'POST' };
}

async function report({ url, method }: BuiltRequest, web: InstallerWeb): Promise<void> {
  try {
    if (method === 'GET') await web.get(url, 1024);
    else await web.post(url, '');
  } catch (error) {
    if (!(error instanceof BootFailure)) throw error;
    throw new BootFailure('installer-built', `it could not report that it is done: ${error.message}`, error);
  }
}
