import type { Option } from './command.ts';

/** The options of all commands, as kubectl has them. */
export const globalOptions: readonly Option[] = [
  {
    name: 'namespace',
    short: 'n',
    value: 'NAME',
    says: "The namespace; default: the context's.",
    completes: 'namespace',
  },
  { name: 'context', value: 'NAME', says: 'The context of the kubeconfig.', completes: 'context' },
  {
    name: 'kubeconfig',
    value: 'FILE',
    says: 'The kubeconfig; default: KUBECONFIG, then ~/.kube/config.',
    completes: 'file',
  },
  { name: 'as', value: 'USER', says: 'Act as this user.' },
  { name: 'as-group', value: 'GROUP', many: true, says: 'Act as a member of this group; may be given more than once.' },
  { name: 'help', short: 'h', says: 'Print this help.' },
];

/** Options that several commands have. */
export const allNamespaces: Option = { name: 'all-namespaces', short: 'A', says: 'Look into all namespaces.' };
export const selector: Option = {
  name: 'selector',
  short: 'l',
  value: 'SELECTOR',
  says: 'Only objects with these labels.',
};
export const chunkSize: Option = {
  name: 'chunk-size',
  value: 'N',
  says: 'Objects that are asked for at once; default 500.',
};
export const watch: Option = { name: 'watch', short: 'w', says: 'Go on and show what changes, until Ctrl-C.' };
export const yes: Option = { name: 'yes', short: 'y', says: 'Do not ask.' };

export function outputOption(...formats: readonly string[]): Option {
  return { name: 'output', short: 'o', value: formats.join('|'), says: 'How to print.', completes: formats };
}
