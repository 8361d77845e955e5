import { version } from '../version.ts';

const releases = 'https://github.com/acr-replication-operator/acr-replication-operator/releases/download';

/** Installs CRD and operator of a release, or brings them to it, whichever of both is there; default: the plugin's own. */
export function installOperator(wanted: string = version): string {
  return `kubectl apply --server-side -f ${releases}/v${wanted}/install.yaml`;
}

/** Installs the CRD of a release, or brings it to that; default: the plugin's own. */
export function installCrd(wanted: string = version): string {
  return `kubectl apply --server-side -f ${releases}/v${wanted}/crds.yaml`;
}

/** Installs the plugin of a release. */
export function installPlugin(wanted: string): string {
  return `npm install --global ${releases}/v${wanted}/kubectl-acr_replication-${wanted}.tgz`;
}
