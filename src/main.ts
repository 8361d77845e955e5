import './operator/node-version.ts';
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { parseConfig } from './operator/config.ts';
import { collectWhenIdle } from './operator/idle-collection.ts';
import { runOperator } from './operator/operator.ts';
import { proxyEnvironment } from './operator/proxy-config.ts';
import { StartProblem } from './operator/start-problem.ts';
import { createLog } from './telemetry/log.ts';
import { systemClock } from './time/clock.ts';

/**
 * The heap is collected when it has grown by 40 % of what was alive, where V8 lets it grow to three or four times as
 * much: with 10,000 objects that is 60 MiB. NODE_OPTIONS does not take this flag.
 */
setFlagsFromString('--heap-growing-percent=40');

/** The exit code: 0 after a clean stop, 1 when the lease was lost or nothing works, 2 for a wrong configuration. */
process.exitCode = await main();
// All work is done; a timer or connection that a library has left open must not keep the process alive.
process.exit();

async function main(): Promise<number> {
  const parsed = parseConfig(process.argv.slice(2), { ...process.env }, { isFile, readText });
  if (parsed.kind === 'invalid') {
    const count = parsed.problems.length === 1 ? 'One problem' : `${parsed.problems.length} problems`;
    console.error([`${count} in the configuration:`, ...parsed.problems.map((p) => `  - ${p}`)].join('\n'));
    return 2;
  }
  if (parsed.kind !== 'ok') {
    console.log(parsed.text);
    return 0;
  }
  const { config } = parsed;
  for (const [name, value] of Object.entries(proxyEnvironment(config.proxy))) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  const log = createLog({ level: config.logLevel, clock: systemClock, secrets: config.secrets });
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, () => {
      log.info('stopping', { signal: name });
      stop.abort();
    });
  }
  process.on('unhandledRejection', (error) => log.error('unhandled rejection', { error }));
  try {
    collectWhenIdle();
    const end = await runOperator(config, log, systemClock, stop.signal);
    log.info('stopped');
    return end === 'lost' ? 1 : 0;
  } catch (error) {
    if (error instanceof StartProblem) {
      log.error('cannot start', { because: error.message });
      return 2;
    }
    log.error('cannot go on', { error });
    return 1;
  } finally {
    await log.close();
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function isFile(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
