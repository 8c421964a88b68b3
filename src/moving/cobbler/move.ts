/** Cobbler's collections to a site. */

import type { Files } from '../files.ts';
import { type Moved, SiteDraft } from '../moved.ts';
import { unreadable } from '../place.ts';
import { Report } from '../report.ts';
import { type Collections, collectionsOf, SOURCE, settingsOf } from './collections.ts';
import { addDistros } from './distros.ts';
import { addSystems } from './hosts.ts';
import { Networks } from './networks.ts';
import { addProfiles } from './profiles.ts';

/** Of the 3.x and the 2.x series. */
const SETTINGS = ['settings.yaml', 'settings', '/etc/cobbler/settings.yaml', '/etc/cobbler/settings'];

/**
 * @param directory for messages; `files` are read relative to it: `/var/lib/cobbler`, or its `collections`
 * @throws ChainbootError IMPORT_UNREADABLE where there are no collections, and for what is no JSON
 */
export function moveCobbler(directory: string, files: Files): Moved {
  const collections = collectionsOf(files);
  if (collections === undefined)
    throw unreadable(
      SOURCE,
      { file: directory, line: 1, column: 1 },
      'neither collections/ nor config/ of Cobbler is in this directory',
    );
  const report = new Report();
  const site = new SiteDraft();
  const path = SETTINGS.find((each) => files.read(each) !== undefined) ?? SETTINGS[0]!;
  const settings = settingsOf(files.read(path), files.shown(path));
  if (settings.password !== undefined)
    report.human(
      settings.password,
      'default_password_crypted',
      'is not taken; say it as root_pass under settings of a site file, or let every group have its own',
    );
  const distros = addDistros(site, collections.distros, settings, report);
  const profiles = addProfiles({ site, distros, report }, collections.profiles);
  const networks = new Networks();
  addSystems({ site, profiles, networks, report }, collections.systems);
  networks.finish(site, report);
  reportOthers(collections, report);
  return site.finish(report);
}

function reportOthers({ repos, images }: Collections, report: Report): void {
  for (const { name, place } of repos)
    report.human(place, `repo ${name}`, 'repositories belong into templates; mirrors stay where they are');
  for (const { name, place } of images)
    report.human(
      place,
      `image ${name}`,
      'images have no counterpart: boot them by an iPXE template of your own',
    );
}
