import { ipxeErrorOf } from './ipxe.ts';
import { type KnownCode, pxeErrorOf } from './pxe.ts';

/** What stands on a screen: `PXE-E53`, `E53`, `040ee119` or its URL. Undefined when it is neither. */
export function lookUpCode(text: string): KnownCode | undefined {
  const name = text.trim().replace(/^(?!pxe-)(?=[emt][0-9a-f]{2}$)/i, 'PXE-');
  return pxeErrorOf(name) ?? ipxeErrorOf(text);
}
