import { z } from 'zod';
import { suits } from '../../inventory/association.ts';
import { OS_FAMILIES, type PartitionTable } from '../../inventory/types.ts';
import { AUDIT_COMMENT } from '../audit-comment.ts';
import type { Call } from '../operation.ts';
import type { Draft, Resource } from '../resource.ts';
import { exportOf, importOf } from '../template-files.ts';
import { refuseLocked } from './locks.ts';
import { namedSystemsOnly, SYSTEMS } from './systems.ts';

const text = z.string();

export const ptables: Resource<'ptables'> = {
  collection: 'ptables',
  name: 'ptables',
  singular: 'ptable',
  writes: 'operator',
  says: 'partition tables: how installers lay out disks',
  attributes: {
    name: { type: text.max(255), says: 'name of the partition table' },
    description: { type: text, says: 'what is to be known of it', blank: true },
    layout: { type: text, says: 'ERB text', detail: true },
    os_family: { type: z.enum(OS_FAMILIES), says: 'family of the operating systems it suits' },
  },
  required: ['name', 'layout'],
  located: true,
  params: {
    snippet: z.boolean().nullish().describe('whether it is a part of others'),
    locked: z.boolean().nullish().describe('whether it may not be changed'),
    audit_comment: AUDIT_COMMENT,
  },
  shown: {
    snippet: { type: z.boolean(), of: ({ snippet }) => snippet ?? false },
    locked: { type: z.boolean(), of: ({ locked }) => locked ?? false },
  },
  finish: (draft, call, view, existing) => {
    const { snippet, locked } = { ...draft, ...flagsOf(call) };
    const next = namedSystemsOnly(
      { ...draft, snippet: snippet === true ? true : undefined, locked: locked === true ? true : undefined },
      call,
      view,
    );
    refuseLocked('ptable', existing, next, 'layout');
    return next;
  },
  reverse: {
    operatingsystems: {
      ...SYSTEMS,
      field: 'ptables',
      says: 'operating systems it is for',
      also: (ptable, os) => suits(ptable as PartitionTable, os as never),
    },
  },
  filters: {
    operatingsystem_id: {
      collection: 'operatingsystems',
      path: 'operatingsystems',
      has: (ptable, title, { site }) => {
        const os = site.get('operatingsystems', title);
        return os !== undefined && (os.ptables.includes(ptable.name) || suits(ptable, os));
      },
    },
  },
  operations: [importOf('ptables', 'ptable', 'layout'), exportOf('ptables', 'ptable')],
};

function flagsOf({ body }: Call): Draft {
  return {
    ...(body.snippet !== undefined && { snippet: body.snippet }),
    ...(body.locked !== undefined && { locked: body.locked }),
  };
}
