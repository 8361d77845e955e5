import type { ReplicaStatus } from '../../../src/api/registryreplication.ts';
import { elapsed, type Line, type Screen } from './screen.ts';
import { kubectlLines } from './tables.ts';

/** What is seen while one waits: kubectl's table, and below it each replica as the operator's status has it. */
export interface View {
  show(cells: readonly (readonly string[])[], replicas: readonly ReplicaStatus[]): void;
  /** Ends the view; what was shown last stays. */
  settle(): void;
}

/** How long nothing is said where lines cannot be drawn over. */
const quietMs = 10_000;

export function openView(screen: Screen, waitingFor: string, clock: () => number = Date.now): View {
  const startedMs = clock();
  const wait = (): Line => ({ text: `  … ${waitingFor}  ${elapsed(clock() - startedMs)}`, style: 'dim' });
  return screen.interactive ? drawnOver(screen, wait) : changesOnly(screen, wait, clock);
}

function drawnOver(screen: Screen, wait: () => Line): View {
  let block: readonly Line[] = [];
  return {
    show(cells, replicas) {
      block = [...kubectlLines(cells).map((text) => ({ text })), { text: '' }, ...replicas.map(replicaLine)];
      screen.live([...block, { text: '' }, wait()]);
    },
    settle() {
      screen.live([]);
      for (const { text, style } of block) screen.say(text, style);
    },
  };
}

/** Prints the table again only when a row changed, its age aside, and a replica only when it changed. */
function changesOnly(screen: Screen, wait: () => Line, clock: () => number): View {
  let rows = '';
  let lines: ReadonlyMap<string, string> = new Map();
  let saidMs = clock();
  return {
    show(cells, replicas) {
      const age = cells[0]?.indexOf('AGE');
      const now = JSON.stringify(cells.map((row) => row.filter((_, column) => column !== age)));
      const news = now === rows ? [] : [...kubectlLines(cells)];
      const shown = new Map(replicas.map((replica) => [replica.location, replicaLine(replica).text]));
      for (const [location, line] of shown) if (lines.get(location) !== line) news.push(line);
      for (const location of lines.keys()) if (!shown.has(location)) news.push(`  ${location.padEnd(18)} gone`);
      rows = now;
      lines = shown;
      if (news.length === 0 && clock() - saidMs > quietMs) news.push(wait().text);
      if (news.length > 0) saidMs = clock();
      for (const line of news) screen.say(line);
    },
    settle() {},
  };
}

function replicaLine(replica: ReplicaStatus): Line {
  const { location, provisioningState = 'missing', status = '', managed, message, error } = replica;
  const note = error?.message ?? message ?? (managed === 'Home' ? 'home region' : '');
  const text = `  ${location.padEnd(18)} ${provisioningState.padEnd(10)} ${status.padEnd(8)} ${note}`.trimEnd();
  if (error !== undefined || provisioningState === 'Failed') return { text, style: 'red' };
  return provisioningState === 'Succeeded' && status === 'Ready' ? { text } : { text, style: 'yellow' };
}
