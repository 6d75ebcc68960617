import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Names a process so that another one can tell whether it still lives, also after its pid was given to somebody else. */
export interface ProcessRecord {
  readonly pid: number;
  /** When the process started, in the system's own unit; empty where the system does not tell. */
  readonly startMarker: string;
  /** Where `pid` means something: boot and pid namespace, or the host's name. */
  readonly machine: string;
}

/** What can be learned about a pid of this machine. `start` is empty where the system does not tell start times. */
export type PidLook = (pid: number) => { readonly start: string } | undefined;

/** At first sight, a heartbeat of another machine may be so old by the wall clock. */
const TRUSTED_ELSEWHERE_MS = 60_000;

/** At first sight, one whose pid is there may be so old: the machine may have slept since. Older, the pid is somebody else's by now. */
const TRUSTED_HERE_MS = 24 * 3_600_000;

export function thisProcess(): ProcessRecord {
  return { pid: process.pid, startMarker: lookAtPid(process.pid)?.start ?? '', machine: thisMachine() };
}

export interface Here {
  readonly machine: string;
  readonly look: PidLook;
  /** How long this machine has been up: what was written before that, no process that lives has written. */
  readonly upMs: () => number;
  /** Is the record's heartbeat moving? See owner-watch.ts. */
  readonly beats: (trustedMs: number) => boolean;
}

/**
 * Does the owner of this record live? Where start times are known (Linux) the pid alone decides, so a killed process is
 * dead at once; elsewhere the pid must exist and the heartbeat move; for another machine (or container) only the
 * heartbeat speaks.
 */
export function isAlive(record: ProcessRecord, here: Here): boolean {
  if (record.machine !== here.machine) return here.beats(TRUSTED_ELSEWHERE_MS);
  const found = here.look(record.pid);
  if (found === undefined) return false;
  if (found.start !== '' && record.startMarker !== '') return found.start === record.startMarker;
  return here.beats(Math.min(TRUSTED_HERE_MS, here.upMs()));
}

/** Fields after the command's name in /proc/<pid>/stat: the state is the 3rd of all, the start time the 22nd. */
const STATE = 0;
const START_TIME = 19;

/** Zombies count as gone: they run nothing any more. */
export function lookAtPid(pid: number): { readonly start: string } | undefined {
  if (process.platform === 'linux') {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[STATE] === 'Z' || fields[STATE] === 'X' ? undefined : { start: fields[START_TIME] ?? '' };
    } catch {
      return undefined;
    }
  }
  try {
    process.kill(pid, 0);
    return { start: '' };
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM' ? { start: '' } : undefined;
  }
}

function thisMachine(): string {
  if (process.platform !== 'linux') return hostname();
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}
