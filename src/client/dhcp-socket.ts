/** How a virtual client reaches DHCP servers: by broadcast on an interface, or by unicast to one server. */

import { createSocket, type Socket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { parseIpv4 } from '../net/ip.ts';
import { BootFailure } from './failure.ts';

export type DhcpPath =
  /**
   * To one server, whatever its port; for servers on this machine and for tests. The server answers a request
   * from loopback at the port it came from. With `relay` (an address of ours) the client is its own relay agent
   * (giaddr), which any server answers on port 67 of that address.
   */
  | {
      readonly via: 'server';
      readonly address: string;
      readonly port: number;
      readonly clientAddress?: string;
      readonly clientPort?: number;
      readonly relay?: string;
      /** What requests name as their relay, from a socket that need not have that address. */
      readonly giaddr?: string;
      /** Port of the PXE boot server there, 4011 if absent. */
      readonly pxePort?: number;
      /** Where that boot server is, whatever address it says that it has. */
      readonly pxeAddress?: string;
      /** Servers that hear the same broadcasts, as on one wire. */
      readonly others?: readonly { readonly address: string; readonly port: number }[];
    }
  /** As a machine does it, from port 68: needs the privilege to, and no other DHCP client on the interface. */
  | { readonly via: 'broadcast'; readonly interface: string };

export type Received = { readonly bytes: Uint8Array; readonly address: string; readonly port: number };

const PXE_PORT = 4011;

export class DhcpSocket {
  private readonly sockets: Socket[] = [];
  private readonly path: DhcpPath;
  private handler: (received: Received) => void = () => {};
  private errorHandler: (error: Error) => void = () => {};

  private constructor(path: DhcpPath) {
    this.path = path;
  }

  /** Rejects with a BootFailure when the port cannot be had. */
  static async open(path: DhcpPath): Promise<DhcpSocket> {
    const made = new DhcpSocket(path);
    try {
      if (path.via === 'broadcast') await made.openBroadcast(path.interface);
      else await made.openUnicast(path);
      return made;
    } catch (error) {
      made.close();
      if (error instanceof BootFailure) throw error;
      throw new BootFailure(
        'socket',
        `no DHCP socket: ${error instanceof Error ? error.message : String(error)}`,
        error,
      );
    }
  }

  /** `giaddr` to put into requests. */
  get relay(): number | undefined {
    const named = this.path.via === 'server' ? (this.path.giaddr ?? this.path.relay) : undefined;
    return named === undefined ? undefined : parseIpv4(named);
  }

  private async openUnicast(path: Extract<DhcpPath, { via: 'server' }>): Promise<void> {
    const address = path.relay ?? path.clientAddress;
    await this.bind(address, path.clientPort ?? (path.relay === undefined ? 0 : 67));
  }

  /**
   * A socket bound to the link's own address sends its broadcasts out by that link only, but hears none; the
   * wildcard one hears them.
   */
  private async openBroadcast(name: string): Promise<void> {
    const addresses = networkInterfaces()[name];
    if (addresses === undefined)
      throw new BootFailure('socket', `there is no network interface named ${name}`);
    const own = addresses.find(({ family }) => family === 'IPv4')?.address;
    if (own !== undefined) await this.bind(own, 68);
    await this.bind(undefined, 68);
    this.sockets[0]!.setBroadcast(true);
  }

  private async bind(address: string | undefined, port: number): Promise<void> {
    const socket = createSocket({ type: 'udp4', reuseAddr: this.path.via === 'broadcast' });
    this.sockets.push(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind({ address, port }, () => {
        socket.off('error', reject);
        resolve();
      });
    });
    socket.on('error', (error) => this.errorHandler(error));
    socket.on('message', (bytes, from) => this.handler({ bytes, address: from.address, port: from.port }));
  }

  onMessage(handler: (received: Received) => void): void {
    this.handler = handler;
  }

  onError(handler: (error: Error) => void): void {
    this.errorHandler = handler;
  }

  /** To all servers there are. */
  send(bytes: Uint8Array): void {
    if (this.path.via === 'broadcast') {
      this.sendTo(bytes, '255.255.255.255', 67);
      return;
    }
    for (const { address, port } of [this.path, ...(this.path.others ?? [])])
      this.sendTo(bytes, address, port);
  }

  /** To the PXE boot server at this address. */
  sendToBootServer(bytes: Uint8Array, address: string): void {
    const { pxePort, pxeAddress } = this.path.via === 'server' ? this.path : {};
    this.sendTo(bytes, pxeAddress ?? address, pxePort ?? PXE_PORT);
  }

  private sendTo(bytes: Uint8Array, address: string, port: number): void {
    this.sockets[0]!.send(bytes, port, address, (error) => {
      if (error !== null) this.errorHandler(error);
    });
  }

  close(): void {
    for (const socket of this.sockets.splice(0)) socket.close();
  }
}
