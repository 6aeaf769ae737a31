// Leaves nothing behind, whatever ends this process: a small process waits for that, ends the children that are
// left, and removes the rehearsal's folder.

import { accessSync, constants, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CleanupProcess } from '../agent/cleanup-process.js';

/** In memory where there is such a file system: what is in it never gets onto a disk. */
const MEMORY = '/dev/shm';

/** The folder of a rehearsal, for this user alone, and the process that removes it. */
export class Guard {
  private constructor(
    readonly folder: string,
    private readonly cleanup: CleanupProcess,
  ) {}

  static start(): Guard {
    const folder = mkdtempSync(join(isWritable(MEMORY) ? MEMORY : tmpdir(), 'xdsc-rehearse-'));
    return new Guard(folder, CleanupProcess.start(SCRIPT, [folder]));
  }

  /** Ends a child, too, if this process is gone before. */
  watch(pid: number): void {
    const started = startOf(pid);
    if (started !== undefined) this.cleanup.tell(`${pid}:${started}`);
  }

  /** Removes the folder, and the process that would. */
  release(): void {
    rmSync(this.folder, { recursive: true, force: true });
    this.cleanup.stop();
  }
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** When a process began, in the kernel's ticks: with its pid, its name for ever. */
function startOf(pid: number): string | undefined {
  try {
    // After the program's name, which may hold anything: field 3 of proc_pid_stat(5) and those that follow.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19];
  } catch {
    return undefined;
  }
}

/** Standard input ends when the last process that holds its other end is gone. */
const SCRIPT = `
trap '' HUP INT TERM
watched=
while read -r one; do watched="$watched $one"; done
for one in $watched; do
  pid=\${one%%:*}
  [ "$(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null | cut -d' ' -f20)" = "\${one#*:}" ] && kill -9 "$pid"
done
rm -rf -- "$1"
`;
