/** Source of a regular expression for a GUID, to be used with the flag i. */
export const guidPattern = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';

const wholeGuid = new RegExp(`^${guidPattern}$`, 'i');

/** Whether the text is a GUID, as the ids of subscriptions and applications are. */
export function isGuid(text: string): boolean {
  return wholeGuid.test(text);
}

/**
 * Whether the text can name a tenant: as its id, as one of its domains (`contoso.onmicrosoft.com`), or as `adfs`, the
 * one tenant of an Azure Stack Hub that signs people in by AD FS. A client secret in the wrong place is none of
 * these.
 */
export function isTenant(text: string): boolean {
  return isGuid(text) || /^[a-z\d][a-z\d-]*(\.[a-z\d-]+)+$/i.test(text) || text === 'adfs';
}
