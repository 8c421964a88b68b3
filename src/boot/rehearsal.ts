/**
 * How a rehearsed request is told from that of a machine: it carries a key that only the server makes, for the time
 * of one rehearsal. Over HTTP in a header; over TFTP in an option, which servers pass over that do not know it (RFC 2347).
 */

export const REHEARSAL_MARK = 'x-chainboot-rehearsal';

/** Whom a server takes the sender of a marked request for. `R` is what it answers him with. */
export type RehearsalDoor<R> = (key: string) => { readonly address: string; readonly room: R } | undefined;
