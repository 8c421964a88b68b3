/** The rule base: every rule, in the order in which those that are equally sure and equally late are told. */

import { DHCP } from './rules/dhcp.ts';
import { INSTALLER } from './rules/installer.ts';
import { IPXE } from './rules/ipxe.ts';
import { KERNEL_RULES } from './rules/kernel.ts';
import { LOADERS } from './rules/loaders.ts';
import { LOOPS } from './rules/loops.ts';
import { TEMPLATES } from './rules/templates.ts';
import { TFTP } from './rules/tftp.ts';
import { UNKNOWN } from './rules/unknown.ts';
import type { Rule } from './types.ts';

export const RULES: readonly Rule[] = [
  ...LOOPS,
  ...KERNEL_RULES,
  ...INSTALLER,
  ...UNKNOWN,
  ...TEMPLATES,
  ...LOADERS,
  ...TFTP,
  ...DHCP,
  ...IPXE,
];
