/** Tags: what dnsmasq joins settings with. `set:` gives one, `tag:` asks for one. */

export type Tagged = {
  readonly set: readonly string[];
  /** All of them must be given; `!known` must not. */
  readonly wanted: readonly string[];
  readonly rest: readonly string[];
};

/** Takes the tags off the fields. `net:` is how they were written before 2.41: there it is for both. */
export function tagged(fields: readonly string[], old: 'set' | 'wanted'): Tagged {
  const set: string[] = [];
  const wanted: string[] = [];
  const rest: string[] = [];
  for (const field of fields) {
    const [, kind, tag = ''] = /^(set|tag|net):(.*)$/s.exec(field) ?? [];
    if (kind === undefined) rest.push(field);
    else if (kind === 'set' || (kind === 'net' && old === 'set')) set.push(tag);
    else wanted.push(tag);
  }
  return { set, wanted, rest };
}
