/** What a virtual boot does, as data for a timeline. */

type BootEventKind =
  | 'power-on'
  | 'dhcp.discover'
  | 'dhcp.offer'
  | 'dhcp.request'
  | 'dhcp.ack'
  | 'dhcp.nak'
  | 'proxy.request'
  | 'proxy.ack'
  | 'tftp.file'
  | 'tftp.error'
  | 'http.file'
  | 'http.error'
  | 'loader'
  | 'script'
  | 'command'
  | 'console'
  | 'warning'
  | 'kernel'
  | 'installer'
  | 'end';

export type BootEvent = {
  readonly kind: BootEventKind;
  /** Milliseconds since power-on. */
  readonly at: number;
  readonly text: string;
  readonly url?: string;
  readonly bytes?: number;
  /** Milliseconds from request to last byte. */
  readonly took?: number;
};

/** An event before the clock has been read. */
export type Happening = Omit<BootEvent, 'at'>;
export type Tell = (happening: Happening) => void;
