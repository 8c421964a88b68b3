/**
 * Which rule of `chainboot why` a test proves: it provokes the fault for real and asserts the code of the diagnosis.
 * `test/proofs.test.ts` fails for a rule that no test proves.
 */

/** The title of such a test: `it(proves('tftp-blocked', 'a firewall drops what comes from port 69'), …)`. */
export function proves(rule: string, how: string): string {
  return `${rule}: ${how}`;
}
