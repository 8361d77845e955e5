/** The source of a regular expression, without flags, for a GUID; match it without regard to case. */
export const guidPattern = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';

const wholeGuid = new RegExp(`^${guidPattern}$`, 'i');

/** Whether the text is a GUID, as ids of subscriptions and applications are. */
export function isGuid(text: string): boolean {
  return wholeGuid.test(text);
}

/**
 * Whether the text can name a tenant: by its id, by one of its domains (`contoso.onmicrosoft.com`), or `adfs`, the one
 * tenant of an Azure Stack Hub that signs people in by AD FS. A client secret in the wrong place is none of these.
 */
export function isTenant(text: string): boolean {
  return isGuid(text) || /^[a-z\d][a-z\d-]*(\.[a-z\d-]+)+$/i.test(text) || text === 'adfs';
}
