/** Which requests the API answers; small, as it is asked of each. */

const OWN = /^\/(?:api|apidoc|docs|openapi\.json)(?:[/?.#]|$)/;

/** @param target of a request (RFC 9112 §3.2) */
export function ownsTarget(target: string): boolean {
  return OWN.test(target);
}
