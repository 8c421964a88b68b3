/** Chance, and names for machines. */

import { createHash, randomBytes, randomInt } from 'node:crypto';
import { RubyError } from '../errors.ts';
import { wantCount } from '../ruby/arguments.ts';
import { RFloat, RRange, str, type Value } from '../ruby/values.ts';
import { macros } from './table.ts';

const FIRST =
  'amber ash aspen azure birch blue bold brave brisk bronze calm cedar clear cobalt copper coral crisp dapple deep dry early east fair fern fine fleet fresh frost gentle gilt glad golden grand green grey hazel high iron ivory jade keen kind late light lilac lunar maple mellow misty mossy neat noble north olive opal pale pearl plain proud quick quiet red ripe rose ruby rustic sandy sharp silent silver slate small snow soft solar south spring steady still stone sunny swift tall teal tidy topaz true velvet vivid warm west white wild windy winter wise young zesty'.split(
    ' ',
  );
const LAST =
  'acorn anchor arch badger barn basin bay beacon bear beaver bell bison bough brook cairn canyon cape cave cliff clover comet cove crane creek crow dale deer delta dove dune eagle elk elm falcon fen field finch fjord flint forest fox gale garden gate glade glen grove gull harbor hare hawk heath heron hill hollow horizon island jay kestrel lake lantern lark leaf ledge lynx marsh meadow mill moon moor moose oak ocean orchard otter owl path peak pebble pine plover pond quarry rapids raven reed reef ridge river robin sail shore sparrow star stork stream summit swan thrush tide trail valley vole wave wharf willow wolf wren'.split(
    ' ',
  );

function pick(words: readonly string[], number: number): string {
  return words[number % words.length]!;
}

function randomName(): string {
  return `${pick(FIRST, randomInt(FIRST.length))}-${pick(LAST, randomInt(LAST.length))}`;
}

/** Four words of the address, however it is written: the same machine always gets the same name. */
function nameOfMac(mac: string): string {
  const digits = mac.toLowerCase().replace(/[^0-9a-f]/g, '');
  if (digits.length !== 12) throw new RubyError(`'${mac}' is not a MAC address`);
  const hash = createHash('sha256').update(digits).digest();
  const [a, b, c, d] = [0, 2, 4, 6].map((at) => hash.readUInt16BE(at));
  return [pick(FIRST, a!), pick(FIRST, b!), pick(LAST, c!), pick(LAST, d!)].join('-');
}

const MAX_BYTES = 4096;

function hexDigits(bytes: number): string {
  if (bytes < 0 || bytes > MAX_BYTES) throw new RubyError(`from 0 to ${MAX_BYTES} bytes, not ${bytes}`);
  return randomBytes(bytes).toString('hex');
}

/** A Float below 1, an Integer below the limit, or one of a range. */
function random(limit: Value | undefined): Value {
  if (limit instanceof RRange) {
    const [first, last] = [wantCount(limit.first), wantCount(limit.last) + (limit.excludesLast ? 0 : 1)];
    return last <= first ? null : randomInt(first, last);
  }
  const below = Math.abs(limit === undefined || limit === null ? 0 : wantCount(limit));
  return below === 0 ? new RFloat(Math.random()) : randomInt(below);
}

export const RANDOM_MACROS = macros({
  rand: [
    '(limit = 0)',
    'A number below the limit; without one, a Float below 1.',
    (_, [limit]) => random(limit),
  ],
  rand_hex: [
    '(bytes)',
    'Twice as many random hexadecimal digits.',
    (_, [bytes]) => str(hexDigits(wantCount(bytes))),
  ],
  rand_name: ['', 'Two random words: `silent-otter`.', () => str(randomName())],
  mac_name: [
    '(mac)',
    'Four words, the same ones for the same MAC address. The words are not those of Foreman.',
    (_, [mac], rt) => str(nameOfMac(rt.text(mac!))),
  ],
});
