/** The capture that a verb is given, and what it tells. */

import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { readConversation } from '../capture/conversation.ts';
import type { CaptureEvent, Conversation } from '../capture/events.ts';
import { readCaptureFile } from '../capture/file.ts';
import { ChainbootError, reasonOf } from '../errors.ts';
import { DecodeError } from '../net/bytes.ts';
import { type Mac, parseMac } from '../net/mac.ts';

/** Throws CAPTURE_UNREADABLE; `damage` is thrown by the verb when it has shown what came before it. */
export function readCapture(file: string): { readonly told: Conversation; readonly damage?: ChainbootError } {
  try {
    const { frames, damage } = readCaptureFile(readFileSync(file));
    const told = readConversation(frames);
    if (damage === undefined) return { told };
    return {
      told,
      damage: new ChainbootError('CAPTURE_DAMAGED', { file, reason: damage, frames: frames.length }),
    };
  } catch (error) {
    if (!(error instanceof DecodeError) && !isSystemError(error)) throw error;
    throw new ChainbootError('CAPTURE_UNREADABLE', { file, reason: reasonOf(error) }, [], error);
  }
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'code' in error;
}

/** Throws USAGE. */
export function macOption(text: string | undefined): Mac | undefined {
  if (text === undefined) return undefined;
  const mac = parseMac(text);
  if (mac === undefined) throw new ChainbootError('USAGE', { reason: `"${text}" is not a MAC address` });
  return mac;
}

export function eventsOf({ events }: Conversation, mac: Mac | undefined): readonly CaptureEvent[] {
  return mac === undefined ? events : events.filter((event) => event.mac === mac);
}

export function withMacOption(command: Command): Command {
  return command.option('--mac <mac>', 'only this machine');
}
