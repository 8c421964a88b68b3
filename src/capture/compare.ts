/** What two servers answered to the same request, side by side. Pure. */

import { messageName, OPTION } from '../dhcp/options.ts';
import type { DhcpPacket } from '../dhcp/packet.ts';
import { type OptionWords, optionWords, valueText } from './dhcp-options.ts';
import type { DhcpEvent } from './events.ts';
import { bootFileOf, dotted, nextServerOf, serverOf } from './servers.ts';

/** Undefined: there is none. */
export type Difference = {
  readonly field: string;
  readonly captured: string | undefined;
  readonly here: string | undefined;
};

/** One answer to a DHCP request, or what several servers make of it together: one gives the address, one the file. */
export type DhcpAnswer = {
  readonly message: string;
  readonly server: string;
  readonly address: string | undefined;
  readonly bootFile: string | undefined;
  readonly nextServer: string | undefined;
  readonly options: readonly OptionWords[];
};

/** Who answers and whom: they differ of necessity. The name and place of the file are compared as such. */
const NOT_COMPARED: ReadonlySet<number> = new Set([
  OPTION.messageType,
  OPTION.serverId,
  OPTION.clientId,
  OPTION.relayAgent,
  OPTION.uuid,
  OPTION.tftpServerName,
  OPTION.bootFile,
]);

export function dhcpAnswer(packet: DhcpPacket, server: string): DhcpAnswer {
  const bootFile = bootFileOf(packet);
  return {
    message: messageName(packet),
    server,
    address: dotted(packet.yiaddr),
    bootFile,
    nextServer: bootFile === undefined ? undefined : nextServerOf(packet),
    options: optionWords(packet).filter(({ code }) => !NOT_COMPARED.has(code)),
  };
}

/** Undefined when nobody answered. */
export function capturedAnswer(answers: readonly DhcpEvent[]): DhcpAnswer | undefined {
  const all = answers.map((event) => dhcpAnswer(event.packet, serverOf(event)));
  const giving = all.find(({ address }) => address !== undefined) ?? all[0];
  if (giving === undefined || giving.bootFile !== undefined) return giving;
  const naming = all.find(({ bootFile }) => bootFile !== undefined);
  if (naming === undefined) return giving;
  const { bootFile, nextServer, server } = naming;
  return { ...giving, bootFile, nextServer, server: `${giving.server} and ${server}` };
}

/** `addresses`: whether the server here gives addresses at all; a proxy leaves them and the options of the subnet to another. */
export function dhcpDifferences(
  captured: DhcpAnswer | undefined,
  here: DhcpAnswer | undefined,
  addresses: boolean,
): readonly Difference[] {
  if (captured === undefined && here === undefined) return [];
  if (captured === undefined || here === undefined)
    return [{ field: 'answer', captured: captured?.message, here: here?.message }];
  const fields: readonly Difference[] = [
    { field: 'message', captured: captured.message, here: here.message },
    ...(addresses ? [{ field: 'address', captured: captured.address, here: here.address }] : []),
    { field: 'boot file', captured: captured.bootFile, here: here.bootFile },
    { field: 'next server', captured: captured.nextServer, here: here.nextServer },
    ...(addresses ? optionDifferences(captured.options, here.options) : []),
  ];
  return fields.filter((field) => field.captured !== field.here);
}

function optionDifferences(
  captured: readonly OptionWords[],
  here: readonly OptionWords[],
): readonly Difference[] {
  const names = new Set([...captured, ...here].map(({ name }) => name));
  const textIn = (all: readonly OptionWords[], wanted: string) => {
    const found = all.find(({ name }) => name === wanted);
    return found && valueText(found.value);
  };
  return [...names].map((name) => ({
    field: name,
    captured: textIn(captured, name),
    here: textIn(here, name),
  }));
}

/** In one line. */
export function answerText({ message, server, address, bootFile, nextServer }: DhcpAnswer): string {
  const file = bootFile === undefined ? 'no boot file' : `boot file ${bootFile}`;
  const from = nextServer === undefined ? '' : ` from ${nextServer}`;
  return `${message} by ${server}: ${address === undefined ? '' : `address ${address}, `}${file}${from}`;
}
