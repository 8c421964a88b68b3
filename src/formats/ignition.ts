/** Ignition's configuration, versions 2 and 3, and the Butane it is made of. (coreos.github.io/ignition, /butane) */

import { type FormatFinding, findings, type Report } from './finding.ts';
import { parseJson } from './json.ts';
import {
  anything,
  checkShape,
  dictionary,
  either,
  filledText,
  flag,
  list,
  map,
  matching,
  nothing,
  oneOf,
  type Shape,
  scalarAt,
  type Tree,
  text,
  valueAt,
  whole,
} from './tree.ts';
import { parseYamlDocuments } from './yaml.ts';

const path = matching(/^\//, 'an absolute path');
const source = matching(
  /^(https?|tftp|s3|gs|oem|arn|oci|data|file):/,
  'a URL that Ignition can read, such as data: or https:',
);
const resource = map(
  {},
  { source: either(source, nothing), compression: anything, verification: anything, httpHeaders: anything },
);
const owner = dictionary();
const unit = map(
  { name: filledText },
  {
    enabled: flag,
    enable: flag,
    mask: flag,
    contents: text,
    dropins: list(map({ name: filledText }, { contents: text })),
  },
);
const user = map(
  { name: filledText },
  {
    passwordHash: text,
    sshAuthorizedKeys: list(filledText),
    uid: whole,
    gecos: text,
    homeDir: text,
    noCreateHome: flag,
    primaryGroup: text,
    groups: list(text),
    noUserGroup: flag,
    system: flag,
    noLogInit: flag,
    shell: text,
    shouldExist: flag,
    create: anything,
  },
);
const passwd = map(
  {},
  {
    users: list(user),
    groups: list(
      map({ name: filledText }, { gid: whole, passwordHash: text, system: flag, shouldExist: flag }),
    ),
  },
);
const header = map(
  { version: text },
  { config: dictionary(), timeouts: dictionary(), security: dictionary(), proxy: dictionary() },
);

function files(extra: Readonly<Record<string, Shape>>): Shape {
  return list(
    map(
      { path },
      {
        mode: whole,
        user: owner,
        group: owner,
        contents: resource,
        overwrite: flag,
        append: either(list(resource), flag),
        ...extra,
      },
    ),
  );
}

function storage(inFileSystem: Readonly<Record<string, Shape>>, fileSystem: Shape): Shape {
  const node = { mode: whole, user: owner, group: owner, overwrite: flag, ...inFileSystem };
  return map(
    {},
    {
      disks: list(map({ device: path }, { wipeTable: flag, partitions: list(dictionary()) })),
      raid: list(
        map(
          { name: filledText, level: filledText, devices: list(path) },
          { spares: whole, options: list(text) },
        ),
      ),
      filesystems: list(fileSystem),
      files: files(inFileSystem),
      directories: list(map({ path }, node)),
      links: list(map({ path, target: filledText }, { hard: flag, ...node })),
      luks: list(dictionary()),
    },
  );
}

const VERSION_2 = map(
  { ignition: header },
  {
    storage: storage({ filesystem: filledText }, map({}, { name: text, mount: dictionary(), path })),
    systemd: map({}, { units: list(unit) }),
    networkd: map({}, { units: list(dictionary()) }),
    passwd,
  },
);
const VERSION_3 = map(
  { ignition: header },
  {
    storage: storage(
      {},
      map(
        { device: path },
        {
          path,
          format: text,
          wipeFilesystem: flag,
          label: text,
          uuid: text,
          options: list(text),
          mountOptions: list(text),
        },
      ),
    ),
    systemd: map({}, { units: list(unit) }),
    passwd,
    kernelArguments: map({}, { shouldExist: list(text), shouldNotExist: list(text) }),
  },
);

export function checkIgnition(content: string): readonly FormatFinding[] {
  const parsed = parseJson(content);
  if (!parsed.ok) return parsed.findings;
  return findings((report) => {
    const { tree } = parsed;
    const version = scalarAt(tree, 'ignition', 'version');
    const at = valueAt(tree, 'ignition', 'version')?.offset ?? tree.offset;
    if (typeof version !== 'string') {
      report(at, 'error', 'ignition.version is missing: Ignition cannot tell what this is');
      return;
    }
    const shape = shapeOf(version);
    if (shape === undefined) {
      report(at, 'error', 'ignition.version must be a version of the series 2 or 3, such as 3.4.0');
      return;
    }
    checkShape(shape, tree, '', report);
    if (version.startsWith('2.')) needFileSystem(tree, report);
  });
}

function shapeOf(version: string): Shape | undefined {
  if (/^2\.[0-4]\.\d+(-\w+)?$/.test(version)) return VERSION_2;
  return /^3\.\d+\.\d+(-\w+)?$/.test(version) ? VERSION_3 : undefined;
}

/** Version 2 has no file system of its own accord; version 3 has no other. */
function needFileSystem(tree: Tree, report: Report): void {
  for (const kind of ['files', 'directories', 'links']) {
    const nodes = valueAt(tree, 'storage', kind);
    if (nodes?.kind !== 'list') continue;
    for (const node of nodes.items)
      if (scalarAt(node, 'filesystem') === undefined)
        report(node.offset, 'error', `an entry of storage.${kind} needs a filesystem, such as "root"`);
  }
}

const BUTANE = map(
  {
    variant: oneOf('fcos', 'flatcar', 'openshift', 'r4e', 'fiot'),
    version: matching(/^\d+\.\d+\.\d+/, 'a version'),
  },
  {
    metadata: dictionary(),
    ignition: dictionary(),
    storage: map(
      {},
      {
        disks: list(dictionary()),
        raid: list(dictionary()),
        filesystems: list(dictionary()),
        files: list(dictionary()),
        directories: list(dictionary()),
        links: list(dictionary()),
        luks: list(dictionary()),
        trees: list(dictionary()),
      },
    ),
    systemd: map({}, { units: list(dictionary()) }),
    passwd: dictionary(),
    kernel_arguments: dictionary(),
    boot_device: dictionary(),
    grub: dictionary(),
    openshift: dictionary(),
  },
);

export function checkButane(content: string): readonly FormatFinding[] {
  return findings((report) => {
    const { trees, findings: broken } = parseYamlDocuments(content);
    for (const { offset, severity, message } of broken) report(offset, severity, message);
    for (const tree of trees) checkShape(BUTANE, tree, '', report);
    if (trees.length === 0 && broken.length === 0) report(0, 'error', 'there is nothing here');
  });
}
