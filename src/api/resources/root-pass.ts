/** Root passwords of hosts and hostgroups, as clients give them. */

import { z } from 'zod';
import type { Site } from '../../inventory/site.ts';
import { MIN_ROOT_PASSWORD, rootPasswordHash } from '../../service/root-password.ts';
import type { Draft } from '../resource.ts';

export const ROOT_PASS_PARAM = {
  root_pass: z
    .string()
    .nullish()
    .describe(`root password, at least ${MIN_ROOT_PASSWORD} characters, or a crypt(3) hash of one`),
};

/** Hashed as the operating system of that title wants it. */
export function rootPassOf(
  body: Draft,
  site: Site,
  operatingsystem: string | undefined,
  existing: { readonly root_pass?: string } | undefined,
): Draft {
  const given = body.root_pass as string | null | undefined;
  if (given === undefined) return {};
  if (given === null || given === '') return { root_pass: null };
  const os = operatingsystem === undefined ? undefined : site.get('operatingsystems', operatingsystem);
  return { root_pass: rootPasswordHash(given, os?.password_hash, existing?.root_pass) };
}
