/** A process and all its descendants (Linux): their memory and the processor time they used. */
import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks per second in /proc, fixed on Linux. */
const TICKS_PER_SECOND = 100;
const KIBIBYTES_PER_MEBIBYTE = 1024;

interface ProcessStat {
  pid: number;
  parent: number;
  cpuSeconds: number;
}

/** Pids of `root` and everything below it. */
export function processTree(root: number): number[] {
  return treeStats(root).map(({ pid }) => pid);
}

/** Proportional set size of the tree in MiB: memory shared between processes is counted once. */
export function treePssMebibytes(root: number): number {
  const kibibytes = processTree(root).map((pid) => {
    const rollup = readProc(`/proc/${pid}/smaps_rollup`);
    return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0);
  });
  return kibibytes.reduce((sum, size) => sum + size, 0) / KIBIBYTES_PER_MEBIBYTE;
}

/** Processor seconds that each process of the tree used so far, by pid. */
export function treeCpuSeconds(root: number): Map<number, number> {
  return new Map(treeStats(root).map(({ pid, cpuSeconds }) => [pid, cpuSeconds]));
}

function treeStats(root: number): ProcessStat[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => stat(Number(name)));
  const below = (pid: number): ProcessStat[] =>
    all.filter(({ parent }) => parent === pid).flatMap((child) => [child, ...below(child.pid)]);
  return [...all.filter(({ pid }) => pid === root), ...below(root)];
}

function stat(pid: number): ProcessStat[] {
  const text = readProc(`/proc/${pid}/stat`);
  if (text === '') return [];
  // The command name in parentheses may hold spaces; fields are counted after the last one.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return [{ pid, parent: Number(fields[1]), cpuSeconds: ticks / TICKS_PER_SECOND }];
}

function readProc(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It ended while we looked.
    return '';
  }
}
