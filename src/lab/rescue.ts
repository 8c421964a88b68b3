/**
 * What must be undone even when the program dies of an exception: synchronous last resorts, run when the
 * process exits. The ordinary way out is each resource's own `close`, which also withdraws its rescue.
 */

const rescues = new Set<() => void>();
let armed = false;

/** Runs `undo` if the process exits before the returned function was called. `undo` must not wait. */
export function onCrash(undo: () => void): () => void {
  if (!armed) {
    armed = true;
    process.on('exit', runAll);
  }
  rescues.add(undo);
  return () => {
    rescues.delete(undo);
  };
}

/** Newest first: processes were started after the namespace they live in. */
function runAll(): void {
  for (const undo of [...rescues].reverse()) {
    try {
      undo();
    } catch {
      // One failing rescue must not keep the others from running; the sweep of the next start is behind it.
    }
  }
  rescues.clear();
}

/** True while a process with this id exists, ours or not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
