import { runStaged } from '../staged.ts';

const help = `The map, without a cluster: forty registries all over the world to which something happens all the time, on a real
Kubernetes API server, an emulated Azure and the real operator; served by \`kubectl acr-replication map\`.

Usage: npm run map

  --help    this text

The address is printed, and opened where there is a browser. Regions can be added and removed on the map, but for the
registries of the namespace research, which come from Git. Everything runs on free ports of 127.0.0.1 and in one temporary
folder until Ctrl-C, and is gone then. It starts in ten seconds; the first time kube-apiserver and etcd have to be had
first, as for \`npm run demo\`. Exit code: 1 when something failed, 2 for wrong flags.
`;

process.exitCode = await runStaged({
  help,
  flags: [],
  folderPrefix: 'acr-map-',
  run: async ({ screen, signal }) => {
    screen.say('The map of forty registries: a real Kubernetes API, an emulated Azure, the real operator.', 'bold');
    screen.say();
    const { show } = await import('./show.ts');
    await show({ screen, output: process.stdout, signal });
  },
});
