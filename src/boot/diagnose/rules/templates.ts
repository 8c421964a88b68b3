/** What is rendered for the machine, and what the host lacks for it. */

import { beside, either, found, lackOf, refusalOf, seen } from '../rule.ts';
import { isSentToDisk, last, refusedWith } from '../steps.ts';
import type { Match, Rule, SeenStep, Sight } from '../types.ts';

/** Told by the build check only for hosts that are to be installed. */
function lacking(...codes: readonly string[]): Rule['match'] {
  return (sight) => {
    const match = lackOf(sight, ...codes);
    return match && { ...match, values: { ...match.values, refused: match.values.sentence } };
  };
}

function refused(...codes: readonly string[]): Rule['match'] {
  return (sight) => {
    const match = refusalOf(codes)(sight);
    return match && { ...match, values: { ...match.values, refused: match.values.sentence } };
  };
}

/** What the build check finds that a host lacks besides templates. */
const WANTING = ['no-medium', 'medium-foreign', 'no-mac', 'no-disk-layout', 'ptable-foreign', 'no-address'];

/** One that fails for what the host lacks needs no mending: see host-not-ready. */
function failing(sight: Sight): Match | undefined {
  return lackOf(sight, ...WANTING) === undefined ? lacking('template-fails')(sight) : undefined;
}

/** Never installed, and there is nothing that it could be put into build mode for. */
function nothingToInstall({ host, steps }: Sight): Match | undefined {
  if (host === undefined || host.build || host.operatingsystem !== undefined) return undefined;
  const isStuck = (step: SeenStep) => isSentToDisk(step) || refusedWith(step) === 'HOST_NOT_IN_BUILD';
  return host.installed_at === undefined ? found(last(steps, isStuck), { host: host.name }) : undefined;
}

export const TEMPLATES: readonly Rule[] = [
  seen(
    {
      code: 'no-template',
      symptom: 'the system of the host has no template of the kind that is asked for',
      cause: 'there is nothing to render: {refused}',
      fix: 'list a template of this kind under provisioning_templates of the operating system, or of the hostgroup',
      source: 'TEMPLATE_MISSING',
    },
    either(refused('TEMPLATE_MISSING'), lacking('no-template', 'no-answers')),
  ),
  seen(
    {
      code: 'template-does-not-render',
      symptom: 'a template fails while it is rendered',
      cause: 'a template of {host} fails: {refused}',
      fix: 'see to what the host lacks first, if anything (chainboot host build {host} says it); else look at the template with chainboot template lint, and mend the line that is named',
      source: 'TEMPLATE_FAILED',
    },
    either(refused('TEMPLATE_FAILED'), failing),
  ),
  seen(
    {
      code: 'no-operating-system',
      symptom: 'the host has no operating system to install',
      cause: '{host} has no operating system',
      fix: 'set operatingsystem of {host} or its hostgroup, then: chainboot host build {host}',
      source: 'HOST_NO_OS',
    },
    either(refused('HOST_NO_OS'), lacking('no-operatingsystem'), nothingToInstall),
  ),
  seen(
    {
      code: 'rate-limited',
      symptom: 'requests for scripts and answers are refused because there were too many from one address',
      cause: '{address} asked for more than one address may: a loop, or many machines behind one address',
      fix: 'for many machines behind one address raise http.boot_burst and http.boot_rate; else look for what asks again and again',
      source: 'BOOT_RATE_LIMITED',
    },
    refusalOf(['BOOT_RATE_LIMITED']),
  ),
  beside(
    {
      code: 'host-not-ready',
      symptom: 'the build check finds something else that the host lacks',
      cause: 'the host lacks something to be installed: {sentence}',
      fix: '{hint}',
      source: 'chainboot host build',
    },
    (sight) => lackOf(sight, ...WANTING),
  ),
];
