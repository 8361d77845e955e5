/** An Azure region in the one spelling that can be compared, such as westeurope. */
export type Region = string & { readonly __brand: 'Region' };

/**
 * A location in that spelling: "West Europe" and westeurope are one region. Lower case without spaces is the rule of the
 * Azure CLI and azurerm. This is called where a location enters the program, nowhere else.
 */
export function regionOf(location: string): Region {
  return location.toLowerCase().replaceAll(' ', '') as Region;
}
