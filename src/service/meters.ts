/** What is counted of boots: every step by its phase, its reason and how it went. */

import { outcomeOf, phaseOf } from '../boot/phase.ts';
import type { Recorder } from '../boot/step.ts';
import type { Registry } from '../ops/metrics.ts';

export type BootMeters = {
  readonly observe: Recorder;
  /** A boot came to nothing; `rule` is the code of its diagnosis. */
  readonly failed: (rule: string) => void;
};

/** Seconds; a kernel over a slow line takes minutes. */
const SECONDS = [0.001, 0.005, 0.02, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900];

export function bootMeters(registry: Registry): BootMeters {
  const phases = registry.counter(
    'chainboot_phase_total',
    'Steps of boots by phase (dhcp, loader, config, script, files, answers, report, console) and outcome.',
  );
  const seconds = registry.histogram(
    'chainboot_phase_seconds',
    'From a request to its last byte, by phase.',
    SECONDS,
  );
  const bytes = registry.counter('chainboot_phase_bytes_total', 'Bytes that were sent, by phase.');
  const steps = registry.counter(
    'chainboot_steps_total',
    'Steps of boots by kind and by the code of their reason.',
  );
  const failures = registry.counter(
    'chainboot_boot_failures_total',
    'Boots that came to nothing, by the rule that says why (chainboot why --rules).',
  );
  return {
    observe(step) {
      if (step.rehearsal !== undefined) return;
      const phase = phaseOf(step);
      phases.add({ phase, outcome: outcomeOf(step) });
      steps.add({ kind: step.kind, reason: step.because.code });
      if (step.took !== undefined) seconds.observe({ phase }, step.took / 1000);
      if (step.bytes !== undefined && phase !== 'dhcp') bytes.add({ phase }, step.bytes);
    },
    failed: (rule) => failures.add({ rule }),
  };
}
