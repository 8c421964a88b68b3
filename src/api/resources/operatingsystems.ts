import { z } from 'zod';
import { ChainbootError } from '../../errors.ts';
import { bootFiles } from '../../inventory/bootfiles.ts';
import { DEFAULT_ARCHITECTURE } from '../../inventory/hostgroup.ts';
import { OS_FAMILIES, osTitle, PASSWORD_HASHES } from '../../inventory/types.ts';
import type { Call, Operation } from '../operation.ts';
import type { Resource } from '../resource.ts';
import { DEFAULT_TEMPLATE, shownDefaultTemplates } from './os-default-templates.ts';

const version = z.string();
const text = z.string();

const bootfiles: Operation = {
  resource: 'operatingsystems',
  action: 'bootfiles',
  summary: 'Kernel and initrd of an operating system on a medium',
  method: 'GET',
  paths: ['/operatingsystems/:id/bootfiles'],
  role: 'viewer',
  query: z.object({
    medium: text.describe('name or number of the medium'),
    architecture: text.optional().describe('name or number of the architecture; x86_64 unless told'),
  }),
  returns: z.record(z.string(), text),
  handle: (call) => bootfilesOf(call),
};

function bootfilesOf(call: Call): object {
  const os = call.require('operatingsystems', 'operatingsystem', call.path.id ?? '');
  const medium = call.require('media', 'medium', String(call.query.medium ?? ''));
  const wanted = call.query.architecture as string | undefined;
  const { name: architecture } =
    wanted === undefined
      ? { name: DEFAULT_ARCHITECTURE }
      : call.require('architectures', 'architecture', wanted);
  const files = bootFiles(os, medium, architecture, '');
  if (files === undefined)
    throw new ChainbootError('BOOT_FILES_NONE', { os: osTitle(os), family: os.family });
  const { kernel, initrd, others } = files;
  return {
    kernel: kernel.uri ?? kernel.tftp,
    initrd: initrd.uri ?? initrd.tftp,
    ...Object.fromEntries(Object.entries(others).map(([role, file]) => [role, file.uri ?? file.tftp])),
  };
}

export const operatingsystems: Resource<'operatingsystems'> = {
  collection: 'operatingsystems',
  name: 'operatingsystems',
  singular: 'operatingsystem',
  writes: 'operator',
  says: 'operating systems that hosts are installed with',
  attributes: {
    name: { type: text.max(255), says: 'name without version, such as Debian' },
    major: { type: version, says: 'major version' },
    family: { type: z.enum(OS_FAMILIES), says: 'family, which decides on boot files and answers' },
    release_name: { type: text, says: 'code name, such as bookworm' },
    description: { type: text, says: 'shown instead of name and version' },
  },
  required: ['name', 'major'],
  params: {
    minor: version.nullish().describe('minor version'),
    password_hash: z
      .enum(PASSWORD_HASHES)
      .nullish()
      .describe('how root passwords are hashed; SHA512 unless told'),
  },
  finish: (draft, { body }) => ({
    ...draft,
    minor: body.minor === undefined ? (draft.minor ?? '') : (body.minor ?? ''),
    password_hash: body.password_hash ?? draft.password_hash,
    family: draft.family ?? familyOfName(String(draft.name ?? '')),
    ...Object.fromEntries(
      ['media', 'architectures', 'ptables', 'provisioning_templates'].map((field) => [
        field,
        draft[field] ?? [],
      ]),
    ),
  }),
  many: {
    architectures: {
      collection: 'architectures',
      as: 'architecture',
      plural: 'architectures',
      says: 'architectures it runs on',
    },
    media: { collection: 'media', as: 'medium', plural: 'media', says: 'media it is installed from' },
    ptables: {
      collection: 'ptables',
      as: 'ptable',
      plural: 'ptables',
      says: 'partition tables that suit it',
    },
    provisioning_templates: {
      collection: 'provisioning_templates',
      as: 'provisioning_template',
      plural: 'provisioning_templates',
      says: 'templates that are for it',
    },
  },
  shown: {
    title: { type: text, of: ({ description, ...os }) => description ?? osTitle(os) },
    minor: { type: text, of: ({ minor }) => minor },
    password_hash: { type: z.enum(PASSWORD_HASHES), of: ({ password_hash }) => password_hash ?? 'SHA512' },
  },
  details: {
    os_default_templates: {
      type: z.array(DEFAULT_TEMPLATE),
      of: (os, view) => shownDefaultTemplates(os, view),
    },
  },
  parameters: 'os_parameters_attributes',
  filters: {
    architecture_id: {
      collection: 'architectures',
      path: 'architectures',
      has: ({ architectures }, name) => architectures.includes(name),
    },
    medium_id: { collection: 'media', path: 'media', has: ({ media }, name) => media.includes(name) },
    ptable_id: { collection: 'ptables', path: 'ptables', has: ({ ptables }, name) => ptables.includes(name) },
  },
  operations: [bootfiles],
};

/** Foreman too guesses the family of a system that is made without one. */
function familyOfName(name: string): string | undefined {
  const known: readonly (readonly [RegExp, (typeof OS_FAMILIES)[number]])[] = [
    [/debian|ubuntu/i, 'Debian'],
    [/red\s?hat|rhel|centos|fedora|rocky|alma|oracle|scientific|amazon/i, 'Redhat'],
    [/suse|sles/i, 'Suse'],
    [/rhcos|openshift/i, 'Rhcos'],
    [/fedora.?coreos|fcos/i, 'Fcos'],
    [/coreos|flatcar/i, 'Coreos'],
    [/windows/i, 'Windows'],
  ];
  return known.find(([pattern]) => pattern.test(name))?.[1] ?? OS_FAMILIES.find((family) => family === name);
}
