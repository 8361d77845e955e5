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
   * The registry whose replicas are managed. Immutable: to manage another registry, make another object.
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
   * The regions that must have the registry, 1 to 64. Replicas elsewhere are deleted, once every region listed here is provisioned. The registry's home region may be listed and always counts as there; list only it to have no replica at all. Order does not matter.
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
     * Resource name given to the replica when it is created, 5 to 50 letters and digits. Default: the region's name. A replica that exists in the region under another name is kept as it is. Example: japaneast.
     */
    readonly name?: string;
  }[];
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
}

/**
 * What the operator last observed. Written by the operator only.
 */
export interface RegistryReplicationStatus {
  /**
   * The metadata.generation this status speaks of.
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
   * What still differs between the spec and Azure: +region to be created or being created, -region to be deleted or being deleted. Absent when nothing differs.
   *
   * @maxItems 128
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
     * When this replica last changed its state.
     */
    readonly since?: string;
    /**
     * Repairs tried since the replica last was healthy. Absent when none.
     */
    readonly attempts?: number;
    /**
     * Why Azure refused the last change of this replica. Absent when it did not.
     */
    readonly error?: {
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
   * Ready: always present. Reconciling: present while True, the operator is changing something or waits for Azure. Stalled: present while True, somebody must act.
   *
   * @maxItems 8
   */
  readonly conditions?: readonly {
    /**
     * Ready, Reconciling or Stalled.
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
