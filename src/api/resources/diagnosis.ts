/** Why a machine did not boot. */

import { z } from 'zod';
import type { Diagnosis } from '../../boot/diagnose/types.ts';
import { type DiagnosisDeps, diagnoseBoot, diagnoseMachine } from '../../service/diagnosis.ts';
import type { Call, Operation } from '../operation.ts';

const text = z.string();
const RULE = z.object({ code: text, cause: text, fix: text });

const DIAGNOSIS = z.object({
  code: text.describe('of a rule, or well, under-way, unexplained'),
  boot: text.optional(),
  worked: text.optional(),
  expected: text.optional(),
  cause: text,
  fix: text.optional(),
  source: text.optional(),
  evidence: z.array(z.object({ boot: text, seq: z.int(), at: z.number(), sentence: text })),
  also: z.array(RULE),
  notes: z.array(z.object({ code: text, sentence: text })),
});

function depsOf({ services, site }: Call): DiagnosisDeps {
  const { boots, leasedTo, neighbours, lifeCycle, now } = services;
  return { boots, leasedTo, neighbours, check: lifeCycle.check, now, site: () => site };
}

function ofHost(call: Call): Promise<Diagnosis> {
  return diagnoseMachine(depsOf(call), call.require('hosts', 'host', call.path.id ?? '').name);
}

export const diagnosisOperations: readonly Operation[] = [
  {
    resource: 'boots',
    action: 'diagnosis',
    summary: 'Say why a boot went no further, and what mends it',
    method: 'GET',
    paths: ['/boots/:id/diagnosis'],
    role: 'viewer',
    returns: DIAGNOSIS,
    handle: (call) => diagnoseBoot(depsOf(call), call.path.id ?? ''),
  },
  {
    resource: 'hosts',
    action: 'diagnosis',
    summary: 'Say why the newest boot of a host went no further, and what mends it',
    method: 'GET',
    paths: ['/hosts/:id/diagnosis'],
    role: 'viewer',
    returns: DIAGNOSIS,
    handle: ofHost,
  },
];
