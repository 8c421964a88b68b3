/** Names that what is moved in may have here. */

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** RFC 1123, as `hosts` of a site file demand it; in lower case, undefined for anything else. */
export function hostName(text: string): string | undefined {
  const name = text.toLowerCase().replace(/\.$/, '');
  return name.length > 0 && name.length <= 253 && name.split('.').every((label) => LABEL.test(label))
    ? name
    : undefined;
}

/** DNS names may have underscores where host names may not. */
export function domainName(text: string): string | undefined {
  const name = text.toLowerCase().replace(/^\.|\.$/g, '');
  return name.length > 0 &&
    name.length <= 253 &&
    name.split('.').every((label) => /^[a-z0-9_-]{1,63}$/.test(label))
    ? name
    : undefined;
}

/** For a machine that nobody gave a name: as Foreman names what it discovers. */
export function nameOfMac(mac: string): string {
  return `mac${mac.replaceAll(':', '')}`;
}
