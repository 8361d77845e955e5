import { execFile } from 'node:child_process';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { promisify } from 'node:util';
import { obtainControlPlane } from '../../sandbox/control-plane.ts';
import type { Machine } from './report.ts';

/** This machine and the programs that figures are taken with. */
export async function thisMachine(): Promise<Machine> {
  const { kubeApiserver, etcd } = await obtainControlPlane();
  return {
    takenAt: new Date().toISOString().slice(0, 16).replace('T', ' '),
    processors: cpus().length,
    model: cpus()[0]?.model.trim() ?? 'unknown',
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    kernel: `${type()} ${release()}`,
    node: process.version,
    kubernetes: await version(kubeApiserver, /Kubernetes (v\S+)/),
    etcd: await version(etcd, /etcd Version: (\S+)/),
    load: loadavg()[0] ?? Number.NaN,
  };
}

async function version(program: string, pattern: RegExp): Promise<string> {
  const { stdout } = await promisify(execFile)(program, ['--version']);
  return pattern.exec(stdout)?.[1] ?? 'unknown';
}
