import { runStaged } from '../staged.ts';

const help = `The main job, from a manifest to replicas: a real Kubernetes API server, an emulated Azure, and the operator as a process.

Usage: npm run demo -- [--map] [--once]

  --map     show the map in the browser from the first minute on; its address is printed before anything happens
  --once    end after the last step; without it, on a terminal, all of it stays up until Ctrl-C, and the map is served
  --help    this text

Everything runs on free ports of 127.0.0.1 and in one temporary folder, and is gone when the demo ends. It takes a minute
and a half. The first time kube-apiserver and etcd are loaded, or, where they can't be, built with Go in four minutes more
(ACR_REPLICATION_CONTROLPLANE=download or build chooses; KUBEBUILDER_ASSETS names a folder that has them). Exit code: 0 when
every step did what it says, 1 when not, 2 for wrong flags.
`;

process.exitCode = await runStaged({
  help,
  flags: ['once', 'map'],
  folderPrefix: 'acr-demo-',
  run: async ({ flags, screen, folder, signal }) => {
    // What it is about is said before the work of loading all that it needs.
    screen.say('From a manifest to replicas: a real Kubernetes API, an emulated Azure, the real operator.', 'bold');
    screen.prose('It takes a minute and a half. Nothing leaves this machine, and Ctrl-C leaves nothing on it.');
    screen.say();
    const { demo } = await import('./demo.ts');
    const stayUp = flags.once !== true && process.stdout.isTTY;
    return demo({ screen, output: process.stdout, folder, stayUp, withMap: flags.map === true, signal });
  },
});
