export const japan = { location: 'japaneast' };
export const uk = { location: 'uksouth' };
export const inJapan = { regions: [japan] };
export const inUk = { regions: [uk] };
/** The step that has the first replica made. */
export const made = { spec: inJapan, azure: { japaneast: {} }, writes: ['PUT japaneast'] };
export const finalizers = ['acr-replication.dev/finalizer'];
export const stalled = (reason: string) => ({
  status: { phase: 'Failed', conditions: [{ type: 'Ready' }, { type: 'Stalled', reason }] },
});

export function all(...locations: readonly string[]) {
  return Object.fromEntries(locations.map((location) => [location, {}]));
}

/** What may be on its way, such as a registry that the same manifests make, is no failure in its first minutes. */
export const settling = { status: { phase: 'Pending', conditions: [{ type: 'Ready' }, { type: 'Reconciling' }] } };
