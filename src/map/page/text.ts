/** All the English of the page, in one place. */
import type { MapObject, State } from '../wire.ts';

export const stateWords: Readonly<Record<State, { readonly word: string; readonly says: string }>> = {
  failed: { word: 'Failed', says: 'Azure could not do it, or refuses to; it serves nobody until it is mended' },
  missing: { word: 'Missing', says: 'Wanted, and Azure has no replica here yet' },
  held: { word: 'Held', says: 'Must change, and waits for something or somebody' },
  deleting: { word: 'Deleting', says: 'Azure is taking it away' },
  creating: { word: 'Creating', says: 'Azure is making it' },
  updating: { word: 'Updating', says: 'Azure is changing its settings' },
  syncing: { word: 'Syncing', says: 'It is there, and its images are arriving' },
  unknown: { word: 'Not known', says: 'Nobody has looked at Azure yet' },
  unlisted: { word: 'Not listed', says: 'Azure has it, and the manifest does not list it' },
  drained: { word: 'Drained', says: 'Out of routing for a while: a drain keeps pulls away until it ends' },
  routingOff: { word: 'Routing off', says: 'All images are there, and the global address sends nobody here' },
  ready: { word: 'Ready', says: 'All images are there, and pulls are answered from here' },
};

/** States that pass by themselves: their time is told as it runs. */
export const passing: ReadonlySet<State> = new Set(['creating', 'updating', 'deleting', 'syncing', 'missing', 'held']);

export function objectFlags({ suspended, observing, deleting }: MapObject): readonly string[] {
  return [
    ...(deleting ? ['Being deleted'] : []),
    ...(suspended ? ['Suspended'] : []),
    ...(observing ? ['Observed only'] : []),
  ];
}

const many = (count: number, one: string, more = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : more}`;

export const text = {
  title: 'Registry replications',
  skip: 'Skip to the table',
  cluster: 'Cluster',
  live: 'Live',
  connecting: 'Connecting',
  lost: 'Connection lost',
  lostFor: (time: string) => `What is shown is ${time} old. Trying again.`,
  lostHelp: {
    plugin: 'If the command has ended, start it again: kubectl acr-replication map',
    operator: 'It comes back by itself.',
  },
  trouble: (why: string) => `Nothing new is heard of the API server: ${why}`,
  loading: 'Reading all registries',
  nothing: 'There is no RegistryReplication here yet.',
  nothingHelp: 'Write one of an existing registry: kubectl acr-replication import --all',
  map: 'Map',
  mapSays:
    'Arrow keys go from region to region, page up and page down through all of them, Enter tells about one, plus and minus zoom, 0 shows the whole world.',
  mapDrafts: 'Space adds a region to the draft or removes it.',
  zoom: 'Zoom',
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  zoomAll: 'Show the whole world',
  legend: 'Signs',
  home: 'Home',
  homeSays: 'Where the registry itself is',
  free: 'Could be had',
  freeSays: 'Azure has this region, and nothing is replicated to it',
  nodes: 'Nodes of this cluster',
  nodesHere: (count: number) => many(count, 'node'),
  fleetCount: 'How many replicas are here, the worst state on top',
  all: 'All registries',
  search: 'Find a registry, namespace, region or state',
  searchNone: (words: string) => `Nothing fits “${words}”.`,
  registries: 'Registries',
  registriesCount: (count: number, of: number) =>
    count === of
      ? many(count, 'registry', 'registries')
      : `${count.toLocaleString('en')} of ${many(of, 'registry', 'registries')}`,
  showMore: (count: number) => `Show ${count} more`,
  regions: 'Regions',
  regionsOfObject: (object: string) => `Regions of ${object}, the worst first`,
  regionsOfFleet: 'Regions of all registries, the worst first',
  columns: {
    region: 'Region',
    state: 'State',
    replicas: 'Replicas',
    inSet: 'In the set',
    registry: 'Registry',
    ready: 'Ready',
  },
  couldBeHad: (count: number) => `${many(count, 'region')} could be had`,
  couldBeHadWith: (count: number) => `Add one of ${many(count, 'region')}`,
  zones: (count: number) => (count > 1 ? `${count} zones` : 'no zones'),
  inSet: (region: string) => `${region} in the set`,
  close: 'Close',
  add: 'Add to the draft',
  remove: 'Remove in the draft',
  takeBack: 'Take back',
  draftedAdd: 'To be added',
  draftedRemove: 'To be removed',
  homeFixed: 'The registry itself is here: home is always part of it.',
  story: {
    since: 'Since',
    azure: 'Azure says',
    managed: 'Came by',
    awaits: 'Waits for',
    nothing: 'Nothing. It is as it should be.',
    notBefore: 'Not before',
    next: 'Next look',
    nextWithin: (time: string) => `within ${time}`,
    message: 'What is said',
    routing: 'Routing',
    endpoint: 'Regional host',
    routingOff: 'off: the global address sends nobody here',
    nodes: 'Nodes here',
    pair: 'Paired with',
    events: 'Last events',
    noEvents: 'None of the last hour.',
    failed: (why: string) => `Its story cannot be read: ${why}`,
    reading: 'Reading its story',
  },
  drain: {
    until: 'Drained until',
    waitsUntil: 'Drain until',
    reason: 'Why',
    before: 'Before',
    after: 'Afterwards',
    routing: { Enabled: 'on', Disabled: 'off' },
    afterwards: {
      Enabled: 'on: the global address sends clients here again',
      Disabled: 'off: it stays out of routing',
    },
    left: (time: string) => `${time} left`,
    drained: (line: string) => `drained, ${line}`,
    ending: 'to be put back',
    waiting: 'drain waits',
    over: 'over: routing is still to be put back',
    lifted: 'taken back: routing is still to be put back',
    waits: 'It waits',
    waitsForNothing: 'it begins once the operator has looked, and Azure accepts it',
    awaits: {
      out: 'the end of its drain',
      ending: 'its routing to be put back',
      waiting: 'its drain to begin',
    },
    begin: 'Drain it for a while',
    change: 'Change its drain',
    end: 'End the drain',
    says: 'The global address sends nobody here until then; afterwards routing goes back by itself. Images go on being synced, and billed.',
    for: 'For',
    length: (length: string) =>
      many(
        Number.parseInt(length, 10),
        ({ m: 'minute', h: 'hour', d: 'day' } as Record<string, string>)[length.slice(-1)] ?? '',
      ),
    example: 'INC-4711',
    do: 'Drain',
    doing: 'Draining',
  },
  copy: 'Copy',
  copyHost: 'Copy the regional host',
  copied: 'Copied',
  copyFailed: 'The browser does not let it be copied',
  managed: {
    Created: 'made by this object',
    Adopted: 'found, and kept by this object',
    Unlisted: 'found, and not listed by this object',
    Home: 'the registry itself',
  } as Readonly<Record<string, string>>,
  draft: {
    title: 'Draft',
    counts: (add: number, remove: number) =>
      [...(add > 0 ? [`${add} to add`] : []), ...(remove > 0 ? [`${remove} to remove`] : [])].join(', '),
    working: 'Working it out',
    plan: 'What would happen',
    money: 'What it costs',
    fears: 'Think twice',
    diff: 'Change of the manifest',
    copy: 'Copy manifest',
    copyFailed: 'The browser does not let it be copied; download it',
    download: 'Download',
    apply: 'Apply',
    applying: 'Applying',
    discard: 'Discard',
    undo: 'Undo',
    undoing: 'Undoing',
    done: 'Applied',
    dismiss: 'Dismiss',
    blocked: 'Not to be applied from here',
    refused: 'Refused',
    cure: 'What helps',
    review: 'Review',
    signs: {
      '+': 'create',
      '-': 'delete',
      '~': 'change',
      '=': 'keep',
      '?': 'not known',
    },
    kinds: {
      create: 'is created',
      delete: 'is deleted',
      update: 'is changed',
      keep: 'stays as it is',
      held: 'is held',
    },
  },
  readOnly: 'For reading only. To change it from a map:',
  readOnlyCommand: 'kubectl acr-replication map',
  counts: (count: number, word: string) => `${count.toLocaleString('en')} ${word.toLowerCase()}`,
  noPlace: 'Not on this map yet',
  notThere: (key: string) => `There is no RegistryReplication ${key}, or no longer.`,
  unreachable: 'the server of this page does not answer',
} as const;

/** What is read aloud for a region of the map. */
export const spoken = {
  free: (label: string) => `${label}: could be had`,
  replica: (label: string, state: State, facts: readonly string[]) =>
    `${label}: ${[stateWords[state].word.toLowerCase(), ...facts].join(', ')}`,
  since: (time: string) => `for ${time}`,
  fleet: (label: string, count: number, states: readonly string[]) =>
    `${label}: ${many(count, 'replica')}, ${states.join(', ')}`,
  home: 'home',
  nodes: (count: number) => many(count, 'node of this cluster', 'nodes of this cluster'),
  add: 'to be added',
  remove: 'to be removed',
};

/** What is said when something changes. */
export const newsText = {
  lost: 'Connection lost. Trying again.',
  back: 'Connected again.',
  object: (key: string, state: State) => `${key}: ${stateWords[state].word}.`,
  region: (label: string, state: State) => `${label}: ${stateWords[state].word}.`,
  regionGone: (label: string) => `${label}: no replica any more.`,
  gone: (key: string) => `${key} is no more.`,
  more: (count: number) => `And ${count} more.`,
};
