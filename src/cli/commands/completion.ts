import type { Command } from '../command.ts';

export const completion: Command = {
  name: 'completion',
  summary: 'Print a script that completes commands, options, objects and regions.',
  details: [
    "kubectl's own completion completes kubectl acr-replication by itself: it finds kubectl_complete-acr_replication beside the plugin. The script is for those who call kubectl-acr_replication by that name.",
    'Where that file is not, as after an installation by Krew, make an executable of this name on the PATH with the lines: #!/bin/sh and exec kubectl acr-replication __complete "$@"',
    'Objects, regions and namespaces are those of the cluster, asked with your rights for at most a second; contexts are those of the kubeconfig.',
  ],
  args: [{ name: 'SHELL', completes: ['bash', 'zsh', 'fish'] }],
  options: [],
  examples: [
    { does: 'In ~/.bashrc: source <(kubectl acr-replication completion bash)', line: 'completion bash' },
    {
      does: 'In ~/.zshrc: source <(kubectl acr-replication completion zsh)',
      line: 'completion zsh',
    },
    {
      does: 'As a file that fish reads: ~/.config/fish/completions/kubectl-acr_replication.fish',
      line: 'completion fish',
    },
  ],
  needs: 'nothing; what is completed live needs the right to list it.',
  load: () => import('./completion.run.ts'),
};
