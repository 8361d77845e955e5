// Generated from crds/ by `npm run generate`. Do not edit.

export const group = 'acr-replication.dev';
export const version = 'v1alpha1';
export const kind = 'RegistryReplication';
export const plural = 'registryreplications';

/**
 * The wanted state.
 */
export interface RegistryReplicationSpec {
  /**
   * The registry whose replicas are managed. Immutable, but for the case of letters and for stating the operator's own subscription or not: to manage another registry, make another object.
   */
  readonly registry: {
    /**
     * Name of the registry as in Azure, without the login server's domain: 5 to 50 letters and digits. Example: contoso.
     */
    readonly name: string;
    /**
     * Resource group of the registry: 1 to 90 letters, digits, '_', '-', '.', '(' and ')', not ending in a period. Example: registries.
     */
    readonly resourceGroup: string;
    /**
     * Id of the Azure subscription the registry is in. Default: the operator's own (AZURE_SUBSCRIPTION_ID). Example: 00000000-0000-0000-0000-000000000000.
     */
    readonly subscriptionId?: string;
  };
  /**
   * The regions that must have the registry, 1 to 64. Replicas elsewhere are deleted, once every region listed here is ready. The registry's home region may be listed and always counts as there; list only it to have no replica at all. Order does not matter.
   *
   * @minItems 1
   * @maxItems 64
   */
  readonly regions: readonly {
    /**
     * Azure region, by name or display name: japaneast and "Japan East" mean the same. Azure says which regions exist for your subscription. Example: japaneast.
     */
    readonly location: string;
    /**
     * Resource name given to the replica when it is created, 5 to 50 letters and digits. Default: the region's name, with a number while a replica elsewhere has that. A replica that exists in the region under another name is kept as it is. Example: japaneast.
     */
    readonly name?: string;
    /**
     * Whether the registry's global endpoint sends clients to this replica (Azure's regionEndpointEnabled). Disabled: images go on being synced there, and go on being billed. Default: Azure's at creation, Enabled; afterwards left as found, so that somebody may take a sick region out by hand. Stated here it is restored. The one setting that is also applied to the home region. Example: Disabled.
     */
    readonly routing?: 'Enabled' | 'Disabled';
    /**
     * Whether the replica is spread over the region's zones (Enabled) or not (Disabled). Asked for when it is created. Azure cannot change it afterwards: a replica that has it otherwise is never made anew for it, status.replicas[].note says so. Default: Azure's. Example: Enabled.
     */
    readonly zoneRedundancy?: 'Enabled' | 'Disabled';
    /**
     * Azure tags of this replica, over those of spec.tags. Example: {cost-center: "42"}.
     */
    readonly tags?: {
      [k: string]: string;
    };
  }[];
  /**
   * Azure tags merged into those of every replica but the home region's. Other tags on a replica are kept, and a tag that is removed here stays on the replicas. Tag names ignore case. Example: {team: platform}.
   */
  readonly tags?: {
    [k: string]: string;
  };
  /**
   * What happens to replicas outside the set, once every region of the set is ready. All: they are deleted. Owned: only those that this object created or once listed. None: they stay. The home region and replicas with another owner's tag always stay. One that this object neither made nor ever listed gets five minutes' notice first, which begins anew when the object was suspended, in mode Observe, or kept the replica for another reason meanwhile. Default: All.
   */
  readonly prune?: 'All' | 'Owned' | 'None';
  /**
   * Apply: Azure is changed. Observe: Azure is only read, and status.plan says what would be changed; an object in this mode can be deleted without effect on Azure. Default: Apply.
   */
  readonly mode?: 'Apply' | 'Observe';
  /**
   * Whom to be for Azure, from this object's namespace. Default: the operator's own identity. Exactly one of name and serviceAccountName.
   */
  readonly credentialsRef?: {
    /**
     * A Secret with AZURE_TENANT_ID, AZURE_CLIENT_ID and either AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE (PEM, certificate and key). Changes count within seconds. Example: azure-contoso.
     */
    readonly name?: string;
    /**
     * A ServiceAccount with the annotations azure.workload.identity/client-id and azure.workload.identity/tenant-id; its token is exchanged for Azure's (workload identity). Example: contoso-replication.
     */
    readonly serviceAccountName?: string;
  };
  /**
   * What happens to the replicas of this set when this object is deleted. Delete: they are deleted and the object stays until they are gone. Retain: they stay in Azure and the object goes at once. Default: Delete.
   */
  readonly deletionPolicy?: 'Delete' | 'Retain';
  /**
   * When a region counts as ready. Synced: provisioned and Azure reports the replica as Ready, that is, the images have arrived. Provisioned: as soon as Azure has made the replica; the first sync of a large registry can take days. Default: Synced.
   */
  readonly readyWhen?: 'Synced' | 'Provisioned';
  /**
   * true stops all Azure calls for this object until it is false again; deleting the object still works. Default: false.
   */
  readonly suspend?: boolean;
  /**
   * How often an unchanged registry is compared with Azure, as a duration from 30s to 24h. Changes of this object and running operations are looked at at once, whatever this says. Default: 5m. Example: 1h30m.
   */
  readonly interval?: string;
  /**
   * Regions taken out of the registry's global endpoint for a while, at most 8: routing is Disabled there until the moment that is stated, whatever regions[].routing says. Then it goes back by itself, to what regions[].routing states, or else to what it was before. Removing the entry ends a drain at once. A drained replica goes on being synced and billed, and its regional host goes on working. The last region in routing is never drained: that drain waits. Order does not matter.
   *
   * @maxItems 8
   */
  readonly drains?: readonly {
    /**
     * A region of spec.regions, or the registry's home region. Example: japaneast.
     */
    readonly location: string;
    /**
     * When the drain ends, as RFC 3339. One that is past changes nothing. A drain begins at most 30 days before its end: one that ends later waits, and says so. Example: "2026-12-01T06:00:00Z".
     */
    readonly until: string;
    /**
     * Why, for whoever finds the region drained: an incident, a ticket, a drill; 1 to 200 characters. Example: INC-4711.
     */
    readonly reason: string;
  }[];
}

/**
 * What the operator last observed. Written by the operator only.
 */
export interface RegistryReplicationStatus {
  /**
   * The metadata.generation this status speaks of, -1 before the operator first looked.
   */
  readonly observedGeneration?: number;
  /**
   * One word for people; machines should read the conditions.
   */
  readonly phase?: 'Pending' | 'Syncing' | 'Ready' | 'Failed' | 'Suspended' | 'Deleting';
  /**
   * Regions ready / regions listed. Example: 2/3.
   */
  readonly summary?: string;
  /**
   * The regions listed in the spec, by name and sorted, for kubectl get -o wide; of more than five only the first five by name, and how many more. Programs read spec.regions. Example: japaneast, westeurope.
   */
  readonly locations?: string;
  /**
   * The registry as Azure describes it.
   */
  readonly registry?: {
    /**
     * ARM resource id.
     */
    readonly id?: string;
    /**
     * Host name that images are pulled from in every region. Example: contoso.azurecr.io.
     */
    readonly loginServer?: string;
    /**
     * The region the registry was created in; never created or deleted by the operator.
     */
    readonly homeRegion?: string;
    /**
     * Only Premium can have replicas.
     */
    readonly sku?: string;
  };
  /**
   * The value of the owner tag on the replicas that this object created, <cluster>/<namespace>/<name>. After the cluster's name changed, the former value until the last replica is tagged anew.
   */
  readonly owner?: string;
  /**
   * How often an unchanged registry is looked at. Example: 5m.
   */
  readonly interval?: string;
  /**
   * While this object is being deleted: Azure said that the registry does not exist. Three looks in a row that say so, at least 20 s apart, let the object go. Absent otherwise.
   */
  readonly absence?: {
    /**
     * Looks in a row that found no registry.
     */
    readonly looks: number;
    /**
     * When the last of them was.
     */
    readonly lastTime: string;
  };
  /**
   * Why Azure could not be read when the operator last looked; the Ready condition has it in words. Absent once a look succeeds.
   */
  readonly readError?: {
    /**
     * Azure's error code, or the operator's where Azure gave none. Example: AuthorizationFailed.
     */
    readonly code: string;
    /**
     * Since when every look has failed with this code.
     */
    readonly startTime: string;
  };
  /**
   * What still differs between the spec and Azure: +region to be created or being created, -region to be deleted or being deleted, ~region with the settings to be changed. Absent when nothing differs.
   *
   * @maxItems 256
   */
  readonly plan?: readonly string[];
  /**
   * One entry per replica Azure has or the spec asks for, sorted by location, the home region included.
   *
   * @maxItems 256
   */
  readonly replicas?: readonly {
    /**
     * Region, normalised. Example: japaneast.
     */
    readonly location: string;
    /**
     * Resource name of the replica in Azure.
     */
    readonly name?: string;
    /**
     * Created by this object; Adopted: found in Azure when it was listed; Unlisted: in Azure but not in the spec; Home: the registry's home region. Absent while the replica does not exist.
     */
    readonly managed?: 'Created' | 'Adopted' | 'Unlisted' | 'Home';
    /**
     * Azure's provisioningState. Absent while the replica does not exist.
     */
    readonly provisioningState?: string;
    /**
     * Azure's displayStatus, verbatim. Absent while Azure gives none.
     */
    readonly status?: string;
    /**
     * Azure's message about the replica, verbatim.
     */
    readonly message?: string;
    /**
     * Whether the global endpoint sends clients there; Enabled or Disabled.
     */
    readonly routing?: 'Enabled' | 'Disabled';
    /**
     * The replica's regional host, from which clients pull without being sent elsewhere: contoso.japaneast.geo.azurecr.io. Absent where the registry has no regional endpoints, or that could not be read.
     */
    readonly endpoint?: string;
    /**
     * What is worth knowing and nobody needs to act on.
     */
    readonly note?: string;
    /**
     * When this replica last changed its state.
     */
    readonly since?: string;
    /**
     * When the replica was first seen provisioned, or was found by an operator that could not know. Since then it may hold images: it is repaired in place, and deleted only when the spec or the annotation acr-replication.dev/recreate asks for it. Absent before.
     */
    readonly provisionedTime?: string;
    /**
     * The moment before which this replica is not changed: after a refusal, after a change that did not last, or as notice before the deletion of a replica that this object neither made nor listed. A moment that is past holds nothing up: it stays as the sign that notice was given, or while attempts is counted. Absent otherwise.
     */
    readonly notBefore?: string;
    /**
     * Repairs, and changes that did not last, since the replica was last healthy for ten minutes. Absent when none.
     */
    readonly attempts?: number;
    /**
     * While the region is drained, and until its routing was seen to be put back: what that depends on. Written before routing is changed. Absent otherwise.
     */
    readonly drained?: {
      /**
       * When the drain ends.
       */
      readonly until: string;
      /**
       * The routing that the drain found; it comes back where the spec states none.
       */
      readonly before: 'Enabled' | 'Disabled';
    };
    /**
     * Why Azure refused the last change of this replica. Absent when it did not.
     */
    readonly error?: {
      /**
       * The reason, as in the conditions.
       */
      readonly reason?: string;
      /**
       * Since when Azure has been answering so.
       */
      readonly since?: string;
      /**
       * Azure's error code.
       */
      readonly code: string;
      /**
       * What it means and what to do.
       */
      readonly message: string;
    };
  }[];
  /**
   * The value of the annotation acr-replication.dev/requested-at that was last acted on. Setting the annotation to a new value makes the operator look now and count repairs anew.
   */
  readonly lastHandledRequest?: string;
  /**
   * The value of the annotation acr-replication.dev/recreate that was last acted on: regions, separated by commas, whose replicas were deleted to be created anew, or are not to be, as an Event tells. Remove the annotation to be able to ask again for the same regions.
   */
  readonly lastHandledRecreate?: string;
  /**
   * Ready: always present. Reconciling: present while True, the operator is changing something or waits for Azure. Stalled: present while True, somebody must act. Drained: present while True, regions are out of routing until a stated moment; it does not count for Ready.
   *
   * @maxItems 8
   */
  readonly conditions?: readonly {
    /**
     * Ready, Reconciling, Stalled or Drained.
     */
    readonly type: string;
    /**
     * True, False or Unknown.
     */
    readonly status: 'True' | 'False' | 'Unknown';
    /**
     * The metadata.generation the condition speaks of.
     */
    readonly observedGeneration?: number;
    /**
     * When status last changed.
     */
    readonly lastTransitionTime: string;
    /**
     * One CamelCase word for programs.
     */
    readonly reason: string;
    /**
     * The region, the cause and the next step, for people.
     */
    readonly message: string;
  }[];
}
