/** The wire with a tap on it: every datagram is shown to whoever records the machine that it belongs to. */

import type { Tap } from '../../capture/tap.ts';
import { datagramsOf } from '../../link/segments.ts';
import type { Outgoing, UdpPort, Wire } from '../../link/types.ts';

export function tappedWire(wire: Wire, tap: Tap): Wire {
  return { open: async (link, port, options) => tappedPort(await wire.open(link, port, options), tap) };
}

/** In place: what is handed on and not recorded costs one look. */
function tappedPort(opened: UdpPort, tap: Tap): UdpPort {
  const { link, port } = opened;
  const send = opened.send.bind(opened);
  const onBatch = opened.onBatch.bind(opened);
  const show = (batch: readonly Outgoing[]) => {
    for (const item of batch) for (const datagram of datagramsOf(item)) tap.sent(link, port, datagram);
  };
  return Object.assign(opened, {
    send(batch: readonly Outgoing[]) {
      if (tap.isActive) show(batch);
      send(batch);
    },
    onBatch(handler: Parameters<UdpPort['onBatch']>[0]) {
      onBatch((batch) => {
        if (tap.isActive) for (const datagram of batch) tap.received(link, port, datagram);
        handler(batch);
      });
    },
  });
}
