/** What Chainboot needs of a dnsmasq. */

import { access, constants, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { reasonOf } from '../../errors.ts';
import { type Setting, settingsOf } from '../../moving/dnsmasq/lines.ts';
import { filesBeside } from '../../ops/files-below.ts';
import type { DriverNeed } from '../types.ts';
import type { DnsmasqOptions } from './driver.ts';
import { signalDnsmasq } from './process.ts';

export async function dnsmasqNeeds(
  options: DnsmasqOptions & { readonly own: string },
): Promise<readonly DriverNeed[]> {
  const { hostsDirectory, configFile, mainConfig, pidFile } = options;
  let settings: readonly Setting[];
  const reads = `its configuration ${mainConfig} can be read`;
  try {
    settings = settingsOf(await readFile(mainConfig, 'utf8'), mainConfig, filesBeside(mainConfig, undefined));
  } catch (error) {
    return [
      { need: reads, ok: false, problem: reasonOf(error), hint: 'set main_config to its own configuration' },
    ];
  }
  return [
    { need: reads, ok: true },
    readsHosts(settings, hostsDirectory),
    await writable(hostsDirectory),
    ...(configFile === undefined ? [] : [await writable(dirname(configFile))]),
    configFile === undefined
      ? {
          need: 'lines that choose loaders',
          ok: true,
          instead:
            'without config_file they are yours to write: chainboot dhcp-config --for dnsmasq --no-hosts',
        }
      : await isRead(configFile, settings, pidFile),
    await running(pidFile),
  ];
}

function readsHosts(settings: readonly Setting[], directory: string): DriverNeed {
  const need = `it reads ${directory}`;
  const isSet = settings.some(
    ({ name, text }) =>
      name === 'dhcp-hostsdir' && text.replace(/\/+$/, '') === directory.replace(/\/+$/, ''),
  );
  if (isSet) return { need, ok: true };
  const hint = `add this line to its configuration and restart it: dhcp-hostsdir=${directory}`;
  return { need, ok: false, problem: 'no dhcp-hostsdir of its configuration names it', hint };
}

async function writable(directory: string): Promise<DriverNeed> {
  const need = `files can be put into ${directory}`;
  try {
    await access(directory, constants.W_OK | constants.X_OK);
    return { need, ok: true };
  } catch (error) {
    const hint = `install -d -o chainboot -g chainboot ${directory}`;
    return { need, ok: false, problem: reasonOf(error), hint };
  }
}

/** Lines for loaders are read at its start only. */
async function isRead(
  file: string,
  settings: readonly Setting[],
  pidFile: string | undefined,
): Promise<DriverNeed> {
  const need = `it has read ${file}`;
  const restart = 'dnsmasq --test && systemctl restart dnsmasq';
  const changed = await stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
  if (changed === undefined) return { need, ok: true, instead: 'it is not written yet' };
  if (!settings.some(({ place }) => place.file === file)) {
    const hint = `add this line to its configuration, then: ${restart}: conf-file=${file}`;
    return { need, ok: false, problem: 'its configuration does not include the file', hint };
  }
  const started =
    pidFile === undefined
      ? undefined
      : await stat(pidFile).then(
          ({ mtimeMs }) => mtimeMs,
          () => undefined,
        );
  if (started !== undefined && changed > started)
    return { need, ok: false, problem: 'it was started before the file was written', hint: restart };
  return { need, ok: true };
}

async function running(pidFile: string | undefined): Promise<DriverNeed> {
  const need = 'it can be told to forget what was changed or removed';
  if (pidFile === undefined)
    return { need, ok: true, instead: 'without pid_file, it forgets them when it is restarted' };
  try {
    await signalDnsmasq(pidFile, 0);
    return { need, ok: true };
  } catch (error) {
    const hint = 'start it (systemctl start dnsmasq), and let Chainboot run as root or as its user';
    return { need, ok: false, problem: reasonOf(error), hint };
  }
}
