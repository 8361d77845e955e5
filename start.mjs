/**
 * Runs a program of this repository: `node start.mjs test/run.ts --help`. The programs are TypeScript, which an old Node does
 * not even read; this file can be read by any Node and says so.
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const oldest = 24;
if (Number(process.versions.node.split('.')[0]) < oldest) {
  const how = 'npm ci brings one that npm run and npm test use';
  process.stderr.write(`This needs Node ${oldest} or newer, and this is ${process.version}; ${how}.\n`);
  process.exit(2);
}
const [node, , program, ...args] = process.argv;
process.argv = [node, resolve(program), ...args];
await import(pathToFileURL(resolve(program)).href);
