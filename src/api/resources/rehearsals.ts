/** Playing the boot of a host. */

import { z } from 'zod';
import { redactRendering } from '../../service/auth/secrets.ts';
import type { RehearsalReport } from '../../service/rehearsal/report.ts';
import type { Call, Operation } from '../operation.ts';

const text = z.string();

async function rehearse(call: Call): Promise<object> {
  const host = call.require('hosts', 'host', call.path.id ?? '');
  const { as, timeout } = call.query as { readonly as?: string | null; readonly timeout?: number | null };
  const report = await call.services.rehearse(host.name, {
    ...(as && { as }),
    ...(timeout && { timeoutMs: timeout * 1000 }),
  });
  const told = (value: string) => redactRendering(value, call.site, host, call.principal!.role);
  return everyText({ ...report } satisfies RehearsalReport, told) as object;
}

function everyText(value: unknown, told: (text: string) => string): unknown {
  if (typeof value === 'string') return told(value);
  if (Array.isArray(value)) return value.map((item) => everyText(item, told));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, everyText(item, told)]));
}

export const rehearsalOperations: readonly Operation[] = [
  {
    resource: 'hosts',
    action: 'rehearse',
    summary:
      'Say whether a host would boot, by walking the whole way with a virtual machine; nothing is changed',
    method: 'POST',
    paths: ['/hosts/:id/rehearse'],
    role: 'operator',
    query: z.object({
      as: text
        .nullish()
        .describe(
          'the machine: bios-pxe, uefi-x64, uefi-arm64, uefi-http, ipxe, pxelinux (default: as suits the host)',
        ),
      timeout: z.coerce.number().min(1).max(300).nullish().describe('seconds; 120 unless given'),
    }),
    returns: z.looseObject({
      id: text,
      host: text,
      boots: z.boolean(),
      code: text,
      sentence: text,
      steps: z.array(z.looseObject({ kind: text, sentence: text })),
      rendered: z.array(z.looseObject({ kind: text, template: text, text, sha256: text })),
      files: z.array(z.looseObject({ role: text, url: text, bytes: z.int(), sha256: text })),
    }),
    handle: rehearse,
  },
];
