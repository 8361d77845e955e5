import { type Cloud, cloudNamed, cloudNames } from '../azure/cloud.ts';
import { isGuid, isTenant } from '../domain/entra.ts';
import type { Address } from '../http/server.ts';

/** What a setting's text means, or what it should have been, in words that follow "it must be". */
export type ParsedSetting<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly wanted: string };

/** Gives a setting's text its type. */
type SettingParser<T> = (text: string) => ParsedSetting<T>;

/** Accepts every text. */
export function anyText(text: string): ParsedSetting<string> {
  return { ok: true, value: text };
}

/** Accepts the texts that pass the test. */
function textThat(isRight: (text: string) => boolean, wanted: string): SettingParser<string> {
  return (text) => (isRight(text) ? { ok: true, value: text } : { ok: false, wanted });
}

function textLike(pattern: RegExp, wanted: string): SettingParser<string> {
  return textThat((text) => pattern.test(text), wanted);
}

export const guidText = textThat(isGuid, 'a GUID');

export const tenantText = textThat(isTenant, 'the id or a domain name of a tenant');

const labelPattern = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

export const dnsLabel = textLike(labelPattern, "at most 63 small letters, digits and '-'");

export const dnsName = textLike(
  /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/,
  "at most 253 small letters, digits, '-' and '.'",
);

/** With a namespace of 63 characters, this length leaves 128 to the object's name: Azure's tags end at 256. */
export const clusterNameText = textLike(
  /^[a-z0-9]([\w.-]{0,61}[a-z0-9])?$/i,
  "1 to 63 letters, digits, '-', '_' and '.', from a letter or digit to one",
);

export function trueOrFalse(text: string): ParsedSetting<boolean> {
  if (/^(true|false)$/i.test(text)) return { ok: true, value: text.toLowerCase() === 'true' };
  return { ok: false, wanted: 'true or false' };
}

/** Accepts these words, in small or capital letters. */
export function oneOf<T extends string>(words: readonly T[]): SettingParser<T> {
  return (text) => {
    const word = words.find((known) => known === text.toLowerCase());
    if (word !== undefined) return { ok: true, value: word };
    return { ok: false, wanted: `${words.slice(0, -1).join(', ')} or ${words.at(-1)}` };
  };
}

export function wholeNumber(least: number, most: number): SettingParser<number> {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return { ok: true, value };
    return { ok: false, wanted: `a whole number from ${least} to ${most}` };
  };
}

/** Accepts a share of a whole, from a twentieth to all of it. */
export function shareNumber(text: string): ParsedSetting<number> {
  const value = /^\d{1,3}(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 0.05 && value <= 1) return { ok: true, value };
  return { ok: false, wanted: 'a number from 0.05 to 1' };
}

/** The clouds by all names that people use for them. */
export function cloudName(text: string): ParsedSetting<Cloud> {
  const cloud = cloudNamed(text);
  return cloud === undefined ? { ok: false, wanted: cloudNames } : { ok: true, value: cloud };
}

/** Accepts an address that tokens may be sent to: only https, and without path, because paths are added to it. */
export function httpsOrigin(text: string): ParsedSetting<string> {
  const url = URL.parse(text);
  const plain = url !== null && url.username + url.password + url.search + url.hash === '' && url.pathname === '/';
  if (plain && url.protocol === 'https:') return { ok: true, value: url.origin };
  return { ok: false, wanted: 'an https:// address without path' };
}

export function listenAddress(text: string): ParsedSetting<Address> {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]*)):(\d{1,5})$/i.exec(text) ?? [];
  const port = Number(digits ?? Number.NaN);
  if (!(port <= 65_535)) return { ok: false, wanted: 'a port after a colon, with or without host' };
  const host = bracketed ?? plain ?? '';
  return { ok: true, value: host === '' ? { port } : { host, port } };
}

/** Accepts names separated by commas. The value holds each name once, sorted. */
export function namespaceNames(text: string): ParsedSetting<readonly string[]> {
  const names = text.split(',').map((name) => name.trim());
  const bad = names.filter((name) => !labelPattern.test(name));
  if (bad.length === 0) return { ok: true, value: [...new Set(names)].sort() };
  return {
    ok: false,
    wanted: `names of namespaces (at most 63 small letters, digits and '-'), which ${bad.map((name) => JSON.stringify(name)).join(', ')} cannot be`,
  };
}

const labelKey = String.raw`([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?`;
const labelValue = String.raw`([A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?)?`;
const requirement = new RegExp(
  String.raw`^\s*(!\s*${labelKey}|${labelKey}\s*((==?|!=)\s*${labelValue}|\s(in|notin)\s*\(\s*${labelValue}(\s*,\s*${labelValue})*\s*\))?)\s*$`,
);

/** Accepts what kubectl --selector takes: the API server would refuse every list with a wrong selector, over and over. */
export function labelSelector(text: string): ParsedSetting<string> {
  const requirements = text.split(/,(?![^(]*\))/);
  if (requirements.every((part) => requirement.test(part))) return { ok: true, value: text };
  return { ok: false, wanted: 'a label selector as kubectl --selector takes it' };
}
