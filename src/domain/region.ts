/** An Azure region in the one spelling that can be compared, such as westeurope. */
export type Region = string & { readonly __brand: 'Region' };

/**
 * "West Europe" and westeurope are one region: lower case, no spaces, the rule of the Azure CLI and azurerm.
 * Called where a location enters the program, nowhere else.
 */
export function regionOf(location: string): Region {
  return location.toLowerCase().replaceAll(' ', '') as Region;
}
