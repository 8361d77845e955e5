/**
 * What `npm run build` runs: makes dist/main.js, one file of src/main.ts and all that it needs,
 * dist/kubectl-acr_replication.mjs, the same of src/cli/main.ts, its .cjs for single executables, a file by which kubectl
 * completes the plugin's words, dist/acr-emulator.mjs of the emulated Azure, and beside them the licences of what is in them.
 * The page of the map, which operator and plugin serve, is made first and put into both. Does nothing when all of it is there
 * and nothing has changed. With --readable FILE it makes, after these, the operator in a form that profiles can be read by.
 */
import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { builtinModules, isBuiltin } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type BuildOptions, build, type Message, type Metafile, type Plugin, transform } from 'esbuild';
import {
  bundledPackages,
  bundles,
  emulatorBundle,
  mergedPackages,
  metafileOf,
  pageScript,
} from './deploy/release/bundled.ts';
import { notices } from './deploy/release/notices.ts';

/** Metafiles have their paths from here, also where this was started through a link to the repository. */
const repository = import.meta.dirname;

interface Bundle {
  readonly entry: string;
  readonly outfile: string;
  readonly maxBytes: number;
}

/**
 * Start and memory grow with all that is loaded: a file of twice as many modules took twice as long to start and 24 MiB
 * more. With the models of Kubernetes, or undici, the operator's file is larger than this.
 */
const operator: Bundle = {
  entry: 'src/main.ts',
  outfile: 'dist/main.js',
  maxBytes: 1_700_000, // 60 kB of it are the page
};
const plugin: Bundle = {
  entry: 'src/cli/main.ts',
  outfile: 'dist/kubectl-acr_replication.mjs',
  maxBytes: 1_600_000,
};
const emulator: Bundle = {
  entry: 'test/sandbox/emulator/main.ts',
  outfile: emulatorBundle,
  maxBytes: 900_000,
};
/** The plugin once more, which deploy/release/executable.ts puts into a copy of Node: that takes CommonJS only. */
const embedded = 'dist/kubectl-acr_replication.cjs';
/** All run with 22 and newer, and older ones read them to say so: src/old-node.ts, and the emulator's node-version.ts. */
const oldestReader = 'node18';

/** What kubectl's completion calls, by this name on the PATH, for the words after `kubectl acr-replication`. */
const completer = {
  outfile: 'dist/kubectl_complete-acr_replication.mjs',
  text: `#!/usr/bin/env node
process.argv.splice(2, 0, '__complete');
await import('./kubectl-acr_replication.mjs');
`,
};

/**
 * Packages whose modules do nothing when they are loaded, so that those nobody asks for are left out. Azure's say so
 * themselves, but where esbuild doesn't look. One of client-node's does something: it defines `File`, which Node has.
 */
const inert = /^@(?:azure|typespec)\/|^@kubernetes\/client-node$/;

const renewing = 'its token has expired and is not renewed here; use exec or a token in the kubeconfig instead';
/**
 * What the libraries import for work that is not this program's, with the names they import: in its place stands a
 * function that throws. A name that is missing here, as after an update, fails the build.
 */
const refused: Readonly<Record<string, { readonly names: readonly string[]; readonly error: string }>> = {
  // Signing in to Kubernetes as kubectl did until 1.25; a kubeconfig may still hold a token that is valid.
  'openid-client': {
    names: ['customFetch', 'discovery', 'refreshTokenGrant'],
    error: `auth provider oidc: ${renewing}`,
  },
  'jsonpath-plus': { names: ['JSONPath'], error: `auth provider azure or gcp: ${renewing}` },
  // For kubeconfig files, which src/kube/http/kubeconfig-file.ts reads, and for their proxy-url.
  hpagent: { names: ['HttpProxyAgent', 'HttpsProxyAgent'], error: 'use src/kube/http/transport.ts' },
  socks: { names: ['SocksClient'], error: 'use src/kube/http/transport.ts' },
  'socks-proxy-agent': { names: ['SocksProxyAgent'], error: 'use src/kube/http/transport.ts' },
  // For client-node's own API classes.
  undici: { names: ['Agent', 'ProxyAgent', 'fetch'], error: 'use src/kube/http/client.ts' },
  // For signing in to Azure by hand.
  open: { names: ['default'], error: 'signing in with a browser is not supported' },
};

/**
 * Importing a module of Node reads each of its exports, and those of node:http that are made when first asked for load
 * the whole of fetch, WebSocket and HTTP/2. Required, it loads what is used.
 */
const builtin = new RegExp(`^(?:node:.*|${builtinModules.filter((name) => !name.startsWith('_')).join('|')})$`);

const requiredBuiltins: Plugin = {
  name: 'required-builtins',
  setup(build) {
    build.onResolve({ filter: builtin }, ({ path, kind }) =>
      kind === 'import-statement' && isBuiltin(path) ? { path, namespace: 'builtin' } : undefined,
    );
    build.onLoad({ filter: /./, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};

const slim: Plugin = {
  name: 'slim',
  setup(build) {
    build.onResolve({ filter: /^[@.]/ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
      if (pluginData === slim) return undefined; // asked by the call below
      const [, owner = ''] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(importer) ?? [];
      if (!inert.test(path.startsWith('.') ? owner : path)) return undefined;
      // What is written whole needs no search: most of a thousand imports are.
      if (/^\..*\.js$/.test(path)) return { path: join(resolveDir, path), sideEffects: false };
      const found = await build.resolve(path, { kind, importer, resolveDir, pluginData: slim });
      return { ...found, sideEffects: false };
    });
    build.onResolve({ filter: /^[a-z]/ }, ({ path }) =>
      Object.hasOwn(refused, path) ? { path, namespace: 'refused' } : undefined,
    );
    build.onLoad({ filter: /./, namespace: 'refused' }, ({ path }) => {
      const { names = [], error } = refused[path] ?? {};
      const exports = names.map((name) => `refuse as ${name}`).join();
      return { contents: `function refuse() { throw new Error(${JSON.stringify(error)}); } export { ${exports} };` };
    });
  },
};

/** For what packages require by a name that they make when they run. */
const requireOfModules = "import{createRequire as r}from'node:module';const require=r(import.meta.url);\n";

/** All that a browser loads must be under this, without images. */
const maxPageBytes = 250_000;
const pageFolder = 'src/map/page';
const pageText = 'dist/map-page.json';
const noticesFile = 'dist/THIRD-PARTY-NOTICES.txt';

/** Makes dist/map-page.json: each file of the page by its path, compressed. src/map/page-files.ts reads it. */
async function pageBundle() {
  const { metafile, outputFiles } = await build({
    absWorkingDir: repository,
    metafile: true,
    entryPoints: { 'map-page': `${pageFolder}/main.tsx`, 'map-style': `${pageFolder}/page.css` },
    outdir: 'dist',
    bundle: true,
    minify: true,
    write: false,
    legalComments: 'none',
    charset: 'utf8',
    format: 'esm',
    target: ['chrome120', 'firefox121', 'safari17'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    tsconfigRaw: {},
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'warning',
  });
  const built = (ending: string): Uint8Array =>
    outputFiles.find(({ path }) => path.endsWith(ending))?.contents ?? new Uint8Array();
  const files = [
    ['/', 'text/html; charset=utf-8', await readFile(`${pageFolder}/index.html`)],
    ['/page.js', 'text/javascript; charset=utf-8', built('.js')],
    ['/page.css', 'text/css; charset=utf-8', built('.css')],
    ['/icon.svg', 'image/svg+xml', await readFile(`${pageFolder}/icon.svg`)],
  ] as const;
  const packed = await Promise.all(
    files.map(async ([path, type, bytes]) => ({
      path,
      type,
      gzip: (await promisify(gzip)(bytes, { level: 9 })).toString('base64'),
    })),
  );
  const size = files.reduce((sum, [, , bytes]) => sum + bytes.length, 0);
  const text = JSON.stringify(packed);
  await writeFile(pageText, text);
  await writeFile(metafileOf(pageScript), JSON.stringify(metafile));
  return {
    text,
    problems: size <= maxPageBytes ? [] : [`the page has ${size} bytes, more than ${maxPageBytes}`],
    packages: await bundledPackages(metafile, pageScript),
  };
}

/**
 * The operator keeps the names of its functions and variables: a trace in its log names them, and with short ones it takes
 * 0.8 MiB more, though its file is a third smaller then. The plugin, which is downloaded, has short ones.
 */
const legible = { minifySyntax: true, minifyWhitespace: true } as const;

/** How operator and plugin are made. */
const programOptions = (page: string) =>
  ({
    absWorkingDir: repository,
    preserveSymlinks: true, // so that the names of modules are the same wherever node_modules really is
    bundle: true,
    legalComments: 'none', // dist/THIRD-PARTY-NOTICES.txt has the licences whole
    platform: 'node',
    format: 'esm',
    target: 'node24',
    tsconfigRaw: {}, // tsconfig.json is not there where the image is built
    define: {
      'process.env.NODE_ENV': '"production"',
      MAP_PAGE: JSON.stringify(page),
      FormData: 'undefined', // the Azure SDK asks of each body whether it is one, which would load fetch and HTTP/2 after all
    },
    logLevel: 'warning',
    plugins: [requiredBuiltins, slim],
  }) satisfies BuildOptions;

/** The operator and the plugin, read and resolved together: what both use is most of the work. */
async function bothPrograms(page: string) {
  const { warnings, metafile, outputFiles } = await build({
    ...programOptions(page),
    metafile: true,
    entryPoints: [operator, plugin].map(({ entry, outfile }) => ({
      in: entry,
      out: outfile.replace(/^dist\/|\.m?js$/g, ''),
    })),
    outdir: 'dist',
    ...legible,
    write: false,
  });
  const [forOperator = '', forPlugin = ''] = outputFiles.map(({ text }) => text);
  const lowered = { ...legible, platform: 'node', legalComments: 'none' } as const;
  const esm = { ...lowered, format: 'esm', target: oldestReader } as const;
  const readable = await transform(forPlugin, { ...esm, minifyIdentifiers: true });
  const loweredOperator = await transform(forOperator, esm);
  const common = await transform(forPlugin, { ...lowered, minifyIdentifiers: true, format: 'cjs', target: 'node24' });
  await writeFile(operator.outfile, `${requireOfModules}${loweredOperator.code}`);
  await writeFile(plugin.outfile, `#!/usr/bin/env node\n${requireOfModules}${readable.code}`);
  await writeFile(embedded, common.code);
  return [
    await judged(operator, metafile, [...warnings, ...loweredOperator.warnings]),
    await judged(plugin, metafile, [...warnings, ...readable.warnings, ...common.warnings]),
  ];
}

/** The operator once more, not minified, for profiles: a comment before each module names its file. */
async function readableOperator(outfile: string): Promise<void> {
  const options = programOptions(await readFile(pageText, 'utf8'));
  await build({ ...options, entryPoints: [operator.entry], outfile, banner: { js: requireOfModules } });
}

/** The emulated Azure, which has nothing in common with the others. */
async function emulatorProgram() {
  const { warnings, metafile } = await build({
    absWorkingDir: repository,
    metafile: true,
    entryPoints: [emulator.entry],
    outfile: emulator.outfile,
    bundle: true,
    minify: true,
    legalComments: 'none',
    platform: 'node',
    format: 'esm',
    target: oldestReader,
    tsconfigRaw: {},
    banner: { js: `#!/usr/bin/env node\n${requireOfModules.trimEnd()}` },
    logLevel: 'warning',
    plugins: [requiredBuiltins],
  });
  return judged(emulator, metafile, warnings);
}

async function judged({ outfile, maxBytes }: Bundle, { inputs, outputs }: Metafile, warnings: readonly Message[]) {
  const text = await readFile(outfile, 'utf8');
  // One character that is not ASCII, and V8 keeps the whole file with two bytes for each. esbuild leaves them in regexes.
  const [wide] = /.{0,40}[^\0-\x7f].{0,40}/.exec(text) ?? [];
  const problems = [
    ...(warnings.length === 0 ? [] : ['esbuild warns']),
    ...(text.length <= maxBytes ? [] : [`${outfile} has ${text.length} characters, more than ${maxBytes}`]),
    ...(wide === undefined ? [] : [`${outfile} is not ASCII, write \\u… in regexes: ${wide}`]),
  ];
  const output = outputs[outfile] ?? outputs[outfile.replace(/\.mjs$/, '.js')];
  const metafile = { inputs, outputs: output === undefined ? {} : { [outfile]: output } };
  await writeFile(metafileOf(outfile), JSON.stringify(metafile));
  return { problems, packages: await bundledPackages(metafile, outfile) };
}

/** Whether all that this makes is there and younger than all that it is made of. */
async function isUpToDate(): Promise<boolean> {
  const made = [...bundles, emulatorBundle, embedded, completer.outfile, pageText, noticesFile];
  const times = async (files: readonly string[]) => Promise.all(files.map(async (file) => (await stat(file)).mtimeMs));
  try {
    const metafiles = await Promise.all(
      [...bundles, emulatorBundle, pageScript].map((file) => readFile(metafileOf(file), 'utf8')),
    );
    const inputs = metafiles.flatMap((text) => Object.keys((JSON.parse(text) as Metafile).inputs));
    const tools = [
      'package-lock.json',
      ...['build', 'deploy/release/bundled', 'deploy/release/notices'].map((file) => `${file}.ts`),
    ];
    const files = inputs.filter((input) => !/^(?:builtin|refused):/.test(input));
    const sources = await times([
      ...new Set([...files, ...tools, `${pageFolder}/index.html`, `${pageFolder}/icon.svg`]),
    ]);
    return Math.max(...sources) < Math.min(...(await times(made)));
  } catch {
    return false; // something is not there
  }
}

async function make(): Promise<readonly string[]> {
  await mkdir('dist', { recursive: true });
  const page = await pageBundle();
  const made = [page, ...(await bothPrograms(page.text)), await emulatorProgram()];
  const packages = mergedPackages(made.map(({ packages }) => packages));
  for (const { outfile } of [plugin, emulator]) await chmod(outfile, 0o755);
  await writeFile(completer.outfile, completer.text);
  await chmod(completer.outfile, 0o755);
  await writeFile(noticesFile, await notices(packages));
  return made.flatMap(({ problems }) => problems);
}

process.chdir(repository);
if (!(await isUpToDate())) {
  const problems = await make();
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) {
    await rm(noticesFile); // so that the next one says it again
    process.exitCode = 1;
  }
}
const [flag, file] = process.argv.slice(2);
if (flag === '--readable' && file !== undefined) await readableOperator(file);
