/** What dnsmasq says to all machines, and to those with a tag. */

import type { Files } from '../files.ts';
import type { DraftBoot, DraftOption } from '../network/drafts.ts';
import type { Report } from '../report.ts';
import type { Classes } from './classes.ts';
import { optionSettingsOf } from './further.ts';
import type { Setting } from './lines.ts';
import { optionOf } from './option.ts';
import { tagged } from './tags.ts';

/** What is said to all, or to those with a tag. */
export type Said = {
  readonly setting: Setting;
  readonly wanted: readonly string[];
  readonly option?: DraftOption;
  readonly boot?: DraftBoot;
  /** Code of an option that is not sent. */
  readonly without?: number;
};

/** Options and boot files, in the order in which dnsmasq takes them. */
export function saidOf(
  settings: readonly Setting[],
  files: Files,
  self: string | undefined,
  report: Report,
): readonly Said[] {
  const options = optionSettingsOf(settings, files).flatMap((setting): readonly Said[] => {
    const read = optionOf(setting, self, report);
    if (read === undefined) return [];
    const { wanted, option, code } = read;
    if (option === undefined) return [{ setting, wanted, without: code }];
    return [{ setting, wanted, option }];
  });
  const boots = settings.flatMap((setting): readonly Said[] => {
    if (setting.name !== 'dhcp-boot') return [];
    const { wanted, rest } = tagged(setting.values, 'wanted');
    if (rest.length > 1)
      report.left(setting.place, `dhcp-boot ${setting.text}`, 'Chainboot serves the loaders itself');
    return [{ setting, wanted, boot: { place: setting.place, filename: rest[0] ?? '' } }];
  });
  return [...options, ...boots];
}

export type Tags = {
  readonly hostTags: ReadonlySet<string>;
  readonly rangeTags: ReadonlySet<string>;
  readonly classes: Classes;
};

/** What goes neither to a subnet nor to a hostgroup. */
export function reportTags(
  said: readonly Said[],
  { hostTags, rangeTags, classes }: Tags,
  report: Report,
): void {
  for (const { setting, wanted, boot } of said) {
    const [tag, ...more] = wanted;
    if (tag === undefined) continue;
    if (more.length === 0 && (hostTags.has(tag) || rangeTags.has(tag))) continue;
    const names = wanted.map((each) => each.replace(/^!/, ''));
    const subject = `${setting.name} ${setting.text}`;
    if (boot !== undefined && names.every((name) => classes.firmware.has(name)))
      report.left(setting.place, subject, 'Chainboot picks the loader that suits the firmware that asks');
    else report.human(setting.place, subject, `is for clients with the tag ${wanted.join(', ')}`);
  }
}

/** Nothing, one of the tags, and no other is asked for. */
export function appliesTo({ wanted }: Said, tags: readonly string[]): boolean {
  return wanted.length === 0 || (wanted.length === 1 && tags.includes(wanted[0]!));
}
