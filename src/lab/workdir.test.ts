import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeWorkDirectory } from './workdir.ts';

it('sweeps directories of dead processes, and removes itself with what is in it', () => {
  const stale = join(tmpdir(), `chainboot-lab-${spawnSync('true').pid}-x`);
  const others = join(tmpdir(), `chainboot-lab-${process.ppid}-alive`);
  mkdirSync(stale);
  mkdirSync(others);
  try {
    const work = makeWorkDirectory();
    writeFileSync(join(work.path, 'file'), 'x');
    expect(existsSync(stale)).toBe(false);
    expect(existsSync(others)).toBe(true);
    work.remove();
    expect(existsSync(work.path)).toBe(false);
  } finally {
    rmSync(others, { recursive: true });
  }
});
