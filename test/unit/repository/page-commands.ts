import { EFFECT_KINDS } from '../../sandbox/emulator/control-arguments.ts';

/** What becomes of a block of commands in a page. */
export type Fate =
  /** A test types it as it is. Programs that cannot be had are stood in for. */
  | { readonly run: string; readonly standIns?: string }
  /** A test looks at it otherwise. */
  | { readonly checked: string; readonly how: string }
  | { readonly notRun: string };

const install: Fate = { run: 'test/integration/pages/install.test.ts' };
const objects: Fate = { run: 'test/integration/pages/objects.test.ts' };
const azure: Fate = {
  ...install,
  standIns:
    'az, for there is no Azure: it notes what it is asked; the role that it is given is tried on the emulated Azure',
};
const docker: Fate = {
  ...install,
  standIns: 'docker, for there is none: test/integration/release tries the Dockerfile',
};
const noRelease =
  'there is no release yet; test/integration/release compares the names with the workflow that publishes';
const pulling: Fate = {
  checked: 'test/integration/install/local-pull.test.ts',
  how: 'the chart is rendered with the values that the command sets; test/integration/local-pull.test.ts tries what comes of it',
};
const emulator: Fate = { run: 'test/integration/pages/emulator.test.ts' };
const incident: Fate = {
  checked: 'test/integration/pages/runbooks.test.ts',
  how: 'each line is typed with names in place of <…>; az is stood in for, and a search of the log may find nothing',
};

/**
 * Every block of commands (sh) in the pages, by page and heading, in the order of the page: where it is run, or why not.
 * A block that is not here fails a test, and so does a row without a block. * stands for all blocks of a page.
 */
export const pageCommands: Readonly<Record<string, Readonly<Record<string, readonly Fate[]>>>> = {
  'README.md': {
    'Try it': [
      {
        checked: 'test/e2e/demo.test.ts',
        how: 'the demo is run there, npm test is what runs this; npm ci would take away the packages that both run with',
      },
    ],
    Install: [docker],
    'The first object': [install, install],
  },
  'CONTRIBUTING.md': {
    Releases: [
      {
        checked: 'test/integration/release/release.test.ts',
        how: 'the program is tried on a copy of the repository, for it commits and tags',
      },
    ],
  },
  'SECURITY.md': {
    'Checking a release': [
      { checked: 'test/integration/release/pages.test.ts', how: `names and identities are compared; ${noRelease}` },
    ],
  },
  'docs/install.md': {
    'Before you begin': [
      { notRun: 'there is no Docker here; test/integration/release tries the Dockerfile' },
      { notRun: 'builds in Azure' },
    ],
    'AKS with workload identity': [azure, azure, azure, azure, azure],
    'Any cluster, with a Secret': [install],
    'Without Azure: the emulator': [install, install, install],
    'The first object': [install, install],
    'The chart of a release': [{ notRun: noRelease }],
    Kustomize: [install],
    'Some namespaces only': [install, install],
    Shards: [install],
    Upgrade: [install, install],
    'Another name for the cluster': [install],
    Uninstall: [install, install],
    'The plugin': [
      {
        checked: 'test/integration/release/package.test.ts',
        how: 'the package is made and installed there, not into the folder of global packages',
      },
      {
        checked: 'test/integration/release/executable.test.ts',
        how: 'typed as it is, but for the address of the release, which is that of a server of the test',
      },
      { checked: 'test/integration/release/executable.test.ts', how: 'as above, with another command at its end' },
      { notRun: 'there is no node that could run the image; test/integration/release tries that the file is in it' },
    ],
  },
  'docs/registryreplication.md': {
    Example: [objects],
    'See where each replica stands': [objects],
    'Wait until it is done': [objects],
    'Have it looked at now': [objects],
    'See what would change': [objects],
    'Stop work on it': [objects],
    'Take a region out of routing': [objects],
    'Have a replica made anew': [objects, objects],
    'Let go of the replicas': [objects],
    'Another identity for one object': [objects, objects],
  },
  'docs/adoption.md': {
    'A manifest from what is there': [objects, objects],
    'From Terraform, Bicep or Azure Service Operator': [objects],
    'Giving a registry back': [objects],
  },
  'docs/gitops.md': { GitOps: [objects, objects], Drains: [objects] },
  'docs/monitoring.md': {
    'Metrics and alerts': [objects],
    'From an id to its lines': [{ ...objects, standIns: 'az, for there is no Azure' }, objects],
  },
  'docs/emulator.md': {
    'Start it': [
      emulator,
      { notRun: 'there is no Docker here; test/integration/release makes the image by the Dockerfile and runs it' },
    ],
    'With curl': [emulator, emulator, emulator],
    'With the Azure CLI, and back': [
      { ...emulator, standIns: 'az, which notes what it is asked; npm run test:clients has the real one' },
      emulator,
    ],
    'With the operator': [emulator],
    'In the tests of another project': [emulator],
    'Resource Graph': [emulator, emulator],
    ...Object.fromEntries(EFFECT_KINDS.map((kind) => [kind, [emulator]])),
    'Behind the scenes': [emulator],
  },
  'docs/kubernetes.md': {
    'The map': [
      {
        checked: 'test/integration/install/values.test.ts',
        how: 'the role that is bound is one that the chart makes; the token is asked for as in test/e2e/operator-map.test.ts',
      },
      {
        checked: 'test/integration/install/values.test.ts',
        how: 'the chart is rendered with these values; test/integration/install/life.test.ts upgrades with most of them',
      },
    ],
    'Deleting a watched namespace': [objects, objects, objects],
  },
  'docs/local-pull.md': {
    'Switch it on': [
      {
        notRun: 'there is no Azure; test/e2e/local-pull.test.ts switches regional endpoints on in the emulated one',
      },
      pulling,
      {
        checked: 'test/integration/install/local-pull.test.ts',
        how: 'the label is the one that the binding asks for; there are no nodes on which anything could be restarted',
      },
    ],
    'Is it at work?': [
      { notRun: 'it only shows what test/integration/local-pull.test.ts looks at; doctor has its own tests' },
    ],
    'Switch it off': [pulling],
  },
  'docs/troubleshooting.md': { Troubleshooting: [objects] },
  'docs/cli.md': {
    '*': [
      {
        checked: 'test/unit/repository/cli-page.test.ts',
        how: "each example is read by the plugin's own parser; test/integration/cli and test/e2e/cli run the commands",
      },
    ],
  },
  'deploy/monitoring/runbooks.md': { '*': [incident] },
};
