import { closeSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import { get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { OperatorProcess } from '../../sandbox/operator.ts';
import { cpuSeconds, residentMiB } from '../bench/process-figures.ts';
import type { Chance } from './chance.ts';
import { type Findings, messageOf } from './findings.ts';

export interface Sample {
  readonly at: number;
  readonly rssMiB: number;
  /** Heap in use by the operator's metrics, in MiB; NaN when they did not answer. */
  readonly heapMiB: number;
  readonly files: number;
  readonly sockets: number;
}

/** One process of the operator, from start to end. */
export interface Life {
  readonly number: number;
  readonly pid: number;
  readonly startedAt: number;
  readonly samples: Sample[];
  endedAt?: number;
  end?: string;
  cpuS: number;
}

export interface Lives {
  readonly all: readonly Life[];
  start(): Promise<void>;
  /** Ends the process; a moment later another one runs, as it would under Kubernetes. */
  end(how: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  sample(): Promise<void>;
  /** Reads what the operator has logged since the last call. */
  readLog(): void;
  /** Ends the process for good. */
  stop(): Promise<void>;
}

interface LivesOptions {
  readonly startOperator: () => Promise<OperatorProcess>;
  readonly line: (line: string) => void;
  readonly findings: Findings;
  readonly chance: Chance;
  readonly signal: AbortSignal;
  /** Whether the API server was away so lately that a lease may have been lost. */
  readonly mayLoseLease: () => boolean;
}

/** How long an end by SIGTERM may take: 10 s by the documentation, some more on a busy machine. */
const gentleEndMs = 15_000;

export function livesOf({ startOperator, line, findings, chance, signal, mayLoseLease }: LivesOptions): Lives {
  const all: Life[] = [];
  let current: { readonly life: Life; readonly process: OperatorProcess; readonly log: Tail } | undefined;
  let ending = false;

  async function start(): Promise<void> {
    const process = await startOperator();
    const life: Life = { number: all.length + 1, pid: process.pid, startedAt: Date.now(), samples: [], cpuS: 0 };
    all.push(life);
    const mine = { life, process, log: tail(process.logFile) };
    current = mine;
    void process.ended.then((end) => {
      const lost = end === 'exit code 1' && process.output().includes('"message":"leadership lost"');
      Object.assign(life, { endedAt: Date.now(), end: lost ? 'lost the lease' : end });
      for (const text of mine.log.rest(process.output(), end !== 'SIGKILL')) line(text);
      if (current === mine) current = undefined;
      if (ending) return;
      if (!lost || !mayLoseLease())
        findings.add('the operator ended by itself', `life ${life.number}: ${end}\n${process.output().slice(-2_000)}`);
      void startAgain();
    });
  }

  async function startAgain(): Promise<void> {
    for (;;) {
      await delay(chance.whole(300, 3_000), undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      try {
        return await start();
      } catch (error) {
        // Without the API server there is no token for it; a kubelet goes on trying, too.
        if (messageOf(error).startsWith('the operator did not start')) findings.add('no start', messageOf(error));
      }
    }
  }

  return {
    all,
    start,
    async end(how) {
      if (current === undefined) return;
      const { process, life } = current;
      ending = true;
      life.cpuS = cpuSeconds(life.pid);
      const began = Date.now();
      const end = how === 'SIGKILL' ? await process.kill().then(() => 'SIGKILL') : await process.stop();
      ending = false;
      const lost = life.end === 'lost the lease' && mayLoseLease(); // while it was stopping
      if (how === 'SIGTERM' && ((end !== 'exit code 0' && !lost) || Date.now() - began > gentleEndMs))
        findings.add('no clean stop', `life ${life.number}: ${end} ${Date.now() - began} ms after SIGTERM`);
      await startAgain();
    },
    async sample() {
      if (current === undefined) return;
      const { life, process } = current;
      const at = Date.now();
      const heapMiB = await heapOf(process.metricsUrl);
      const { files, sockets } = handles(life.pid);
      const rssMiB = residentMiB(life.pid).now;
      const cpuS = cpuSeconds(life.pid);
      if (Number.isNaN(rssMiB) || Number.isNaN(cpuS) || files === 0) return; // it has just ended
      life.cpuS = cpuS;
      life.samples.push({ at, rssMiB, heapMiB, files, sockets });
    },
    readLog() {
      for (const text of current?.log.more() ?? []) line(text);
    },
    async stop() {
      ending = true;
      await current?.process.stop();
      ending = false;
    },
  };
}

interface Tail {
  /** The whole lines since the last call. */
  more(): readonly string[];
  /** All that was not read yet, from the whole text of a process that has ended. */
  rest(output: string, whole: boolean): readonly string[];
}

function tail(file: string): Tail {
  let offset = 0;
  const linesIn = (bytes: Buffer): readonly string[] => {
    const end = bytes.lastIndexOf(0x0a) + 1;
    offset += end;
    return bytes.toString('utf8', 0, end).split('\n').slice(0, -1);
  };
  return {
    more() {
      const chunks: Buffer[] = [];
      try {
        const fd = openSync(file, 'r');
        try {
          for (let at = offset; ; ) {
            const chunk = Buffer.alloc(65_536);
            const length = readSync(fd, chunk, 0, chunk.length, at);
            if (length === 0) break;
            chunks.push(chunk.subarray(0, length));
            at += length;
          }
        } finally {
          closeSync(fd);
        }
      } catch {
        return []; // its folder has gone with the process
      }
      return linesIn(Buffer.concat(chunks));
    },
    rest(output, whole) {
      const left = Buffer.from(output).subarray(offset);
      return linesIn(
        whole && left.length > 0 && left.at(-1) !== 0x0a ? Buffer.concat([left, Buffer.from('\n')]) : left,
      );
    },
  };
}

function heapOf(url: string): Promise<number> {
  return new Promise((resolve) => {
    const sent = get(url, { agent: false, signal: AbortSignal.timeout(5_000) }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', () => resolve(Number.NaN));
      response.on('end', () => {
        resolve(Number(/^nodejs_heap_size_used_bytes (\S+)$/m.exec(text)?.[1] ?? 'NaN') / 2 ** 20);
      });
    });
    sent.on('error', () => resolve(Number.NaN));
  });
}

function handles(pid: number): { readonly files: number; readonly sockets: number } {
  try {
    const folder = `/proc/${pid}/fd`;
    const targets = readdirSync(folder).map((fd) => {
      try {
        return readlinkSync(`${folder}/${fd}`);
      } catch {
        return ''; // closed meanwhile
      }
    });
    return { files: targets.length, sockets: targets.filter((target) => target.startsWith('socket:')).length };
  } catch {
    return { files: 0, sockets: 0 };
  }
}
