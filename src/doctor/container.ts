/** In a container behind a bridge, broadcasts of machines do not arrive: the engine passes on single ports only. */

import { existsSync } from 'node:fs';
import type { Config } from '../config/schema.ts';
import { type Finding, finding } from './finding.ts';
import { textOf } from './system.ts';

export type Surroundings = {
  readonly dockerenv: boolean;
  readonly containerenv: boolean;
  /** Of the container's first process. */
  readonly cgroup: string;
  /** Interfaces that are one end of a veth, with what the engine calls them. */
  readonly veths: readonly string[];
};

export async function checkContainer({ links }: Config): Promise<readonly Finding[]> {
  const names = links.map(({ interface: name }) => name);
  return containerFindings({
    dockerenv: existsSync('/.dockerenv'),
    containerenv: existsSync('/run/.containerenv'),
    cgroup: textOf('/proc/1/cgroup') ?? '',
    veths: names.filter(isVeth),
  });
}

export function containerFindings(around: Surroundings): readonly Finding[] {
  const { dockerenv, containerenv, cgroup, veths } = around;
  const isContainer = dockerenv || containerenv || /docker|kubepods|libpod|containerd|lxc/.test(cgroup);
  if (!isContainer) return [finding('ok', 'container', 'this is no container')];
  if (veths.length === 0)
    return [finding('ok', 'container-network', 'this is a container, and it has the network of its host')];
  const engine = containerenv ? 'podman' : 'docker';
  const message = `this is a container, and ${veths.join(', ')} leads to a bridge of the engine: broadcasts of machines do not arrive (published ports do not carry them); start it with the network of the host, or with a macvlan network`;
  return [
    finding(
      'error',
      'container-bridge',
      message,
      `${engine} run --network host --cap-add NET_BIND_SERVICE --cap-add NET_RAW chainboot`,
    ),
  ];
}

/** One end here, the other in another namespace; a network card has a device, and a bridge is its own other end. */
function isVeth(name: string): boolean {
  const place = `/sys/class/net/${name}`;
  const [index, other] = [textOf(`${place}/ifindex`), textOf(`${place}/iflink`)];
  return index !== undefined && other !== undefined && index !== other && !existsSync(`${place}/device`);
}
