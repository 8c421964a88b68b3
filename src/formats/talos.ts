/** Talos machine configuration: YAML documents, the first one of them `v1alpha1`. (talos.dev, "Configuration") */

import { type FormatFinding, findings } from './finding.ts';
import {
  anything,
  checkShape,
  dictionary,
  either,
  entryOf,
  filledText,
  flag,
  list,
  map,
  matching,
  nothing,
  oneOf,
  text,
} from './tree.ts';
import { parseYamlDocuments } from './yaml.ts';

const any = (names: string) =>
  Object.fromEntries(
    names
      .trim()
      .split(/\s+/)
      .map((name) => [name, anything]),
  );

const MACHINE = map(
  { type: oneOf('controlplane', 'worker', 'init', 'join') },
  {
    ...any(`controlPlane kubelet pods disks time sysfs registries systemDiskEncryption features
      udev logging kernel seccompProfiles baseRuntimeSpecOverrides nodeLabels nodeAnnotations nodeTaints`),
    token: filledText,
    ca: dictionary(),
    acceptedCAs: list(dictionary()),
    certSANs: either(list(filledText), nothing),
    env: dictionary(),
    files: either(list(dictionary()), nothing),
    install: map(
      {},
      {
        ...any('diskSelector extraKernelArgs extensions grubUseUKICmdline'),
        disk: matching(/^\//, 'a path such as /dev/sda'),
        image: filledText,
        wipe: flag,
        bootloader: flag,
        legacyBIOSSupport: flag,
      },
    ),
    network: map(
      {},
      {
        ...any('extraHostEntries kubespan disableSearchDomain'),
        hostname: text,
        interfaces: either(list(dictionary()), nothing),
        nameservers: either(list(filledText), nothing),
        searchDomains: either(list(filledText), nothing),
      },
    ),
    sysctls: dictionary(),
  },
);

const CLUSTER = map(
  {},
  {
    ...any(`secret aescbcEncryptionSecret secretboxEncryptionSecret acceptedCAs
      aggregatorCA serviceAccount apiServer controllerManager proxy scheduler discovery etcd coreDNS
      externalCloudProvider extraManifests extraManifestHeaders inlineManifests adminKubeconfig clusterName
      allowSchedulingOnMasters allowSchedulingOnControlPlanes network id token`),
    ca: dictionary(),
    controlPlane: map(
      {},
      {
        endpoint: matching(/^https:\/\//, 'a URL such as https://address:6443'),
        localAPIServerPort: anything,
      },
    ),
  },
);

const MAIN = map(
  { version: oneOf('v1alpha1') },
  { debug: flag, persist: flag, machine: MACHINE, cluster: CLUSTER },
);

export function checkTalos(content: string): readonly FormatFinding[] {
  return findings((report) => {
    const { trees, findings: broken } = parseYamlDocuments(content);
    for (const { offset, severity, message } of broken) report(offset, severity, message);
    let mains = 0;
    for (const tree of trees) {
      // Other documents name their kind; what they hold differs from one release to the next.
      if (entryOf(tree, 'kind') !== undefined) {
        if (entryOf(tree, 'apiVersion') === undefined) report(tree.offset, 'error', 'apiVersion is missing');
        continue;
      }
      mains++;
      checkShape(MAIN, tree, '', report);
      for (const key of ['machine', 'cluster'])
        if (tree.kind === 'map' && entryOf(tree, key) === undefined)
          report(tree.offset, 'error', `${key} is missing`);
    }
    if (mains > 1) report(0, 'error', 'there is more than one v1alpha1 document');
    if (trees.length === 0 && broken.length === 0) report(0, 'error', 'there is no document in the text');
  });
}
