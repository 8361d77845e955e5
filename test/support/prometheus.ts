import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stringify } from 'yaml';
import { cleanAtProcessEnd } from '../sandbox/leftovers.ts';
import { startServer } from '../sandbox/process.ts';
import { obtainTool } from '../sandbox/tool.ts';

/** The jobs by name: each says where to scrape; `settings` are those of a scrape_config. */
export type Jobs = Readonly<Record<string, { readonly url: string; readonly settings?: object }>>;

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Prometheus {
  /** The samples of an instant query, now. */
  query(expr: string): Promise<readonly Sample[]>;
  /** The member `data` of what its API answers at this path. */
  get<T>(path: string): Promise<T>;
  stop(): Promise<void>;
}

/** A real Prometheus that scrapes every second and evaluates the rules of `ruleFiles`. */
export async function startPrometheus(jobs: Jobs, ruleFiles: readonly string[]): Promise<Prometheus> {
  const dir = await mkdtemp(join(tmpdir(), 'acr-replication-prometheus-'));
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: ruleFiles.map((file) => resolve(file)),
    scrape_configs: Object.entries(jobs).map(([job_name, { url, settings = {} }]) => {
      const { protocol, host, pathname } = new URL(url);
      const at = { scheme: protocol.replace(':', ''), metrics_path: pathname, static_configs: [{ targets: [host] }] };
      return { job_name, ...at, ...settings };
    }),
  };
  await writeFile(join(dir, 'prometheus.yml'), stringify(config));
  const logFile = join(dir, 'log');
  const server = startServer(
    await obtainTool('prometheus'),
    [
      `--config.file=${join(dir, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(dir, 'data')}`,
      '--web.listen-address=127.0.0.1:0',
    ],
    { logFile, env: {} },
  );
  const forget = cleanAtProcessEnd(() => server.killNow());
  async function stop(): Promise<void> {
    await server.stop(0); // its data is thrown away
    forget();
    await rm(dir, { recursive: true, force: true });
  }

  async function get<T>(path: string): Promise<T> {
    const response = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(10_000) });
    const { data, error } = (await response.json()) as { readonly data: T; readonly error?: string };
    if (error !== undefined) throw new Error(`${path}: ${error}`);
    return data;
  }
  const deadline = Date.now() + 30_000;
  let url = '';
  for (;;) {
    const [, host] = /msg="Listening on" .*address=(\S+)/.exec(readFileSync(logFile, 'utf8')) ?? [];
    url = `http://${host}`;
    if (host !== undefined && (await fetch(`${url}/-/ready`).catch(() => undefined))?.ok) break;
    if (Date.now() > deadline || !server.running()) {
      const lines = server.lastLines();
      await stop();
      throw new Error(`Prometheus did not start; ${lines}`);
    }
    await delay(50);
  }
  return {
    get,
    stop,
    async query(expr) {
      interface Vector {
        readonly result: readonly { readonly metric: Sample['labels']; readonly value: readonly [number, string] }[];
      }
      const { result } = await get<Vector>(`/api/v1/query?${new URLSearchParams({ query: expr }).toString()}`);
      return result.map(({ metric, value: [, value] }) => ({ labels: metric, value: Number(value) }));
    },
  };
}
