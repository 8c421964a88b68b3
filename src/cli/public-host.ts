import { buildStatus, globalStatus } from '../inventory/statuses.ts';
import type { Host } from '../inventory/types.ts';

/** A host as `--json` shows it. Passwords stay in the database; only templates read them. */
export function publicHost(host: Host) {
  const { root_pass, otp: _otp, ...rest } = host;
  const [build, global] = [buildStatus(host, Date.now()), globalStatus(host, Date.now())];
  return {
    ...rest,
    root_pass_set: root_pass !== undefined,
    build_status: build.status,
    build_status_label: build.label,
    global_status: global.status,
    global_status_label: global.label,
  };
}
