import type { ParsedSetting } from './setting-types.ts';
import { flagOf, type Setting, type SettingKey, settings } from './settings.ts';

/**
 * Stands for a value that was given and is wrong. The value's own problem is told; checks that need the value are
 * skipped.
 */
export const wrong = Symbol('wrong');
export type Wrong = typeof wrong;

/** A setting's value: undefined when nothing was given and the setting has no default. */
type ValueOf<S> = S extends { parse(text: string): ParsedSetting<infer T> }
  ? T | (S extends { readonly default: string } ? never : undefined)
  : never;

/** The values of all settings, none of them wrong. */
export type RightValues = { readonly [K in SettingKey]: ValueOf<(typeof settings)[K]> };

/** The values of all settings as they were given. */
export type Values = { readonly [K in SettingKey]: RightValues[K] | Wrong };

export type Environment = Readonly<Record<string, string | undefined>>;

/** Gives every setting its value, and tells one problem for each value that is wrong. A flag wins over the variable. */
export function readValues(
  flags: ReadonlyMap<string, string | Wrong>,
  env: Environment,
): { readonly values: Values; readonly problems: readonly string[] } {
  const values: Partial<Record<SettingKey, unknown>> = {};
  const problems: string[] = [];
  for (const [key, setting] of Object.entries<Setting<unknown>>(settings) as [SettingKey, Setting<unknown>][]) {
    const flag = flags.get(flagOf(setting));
    if (flag === wrong) {
      values[key] = wrong;
      continue;
    }
    const given = givenText(setting, flag, env);
    if (given === undefined) continue;
    const parsed = setting.parse(given.text);
    values[key] = parsed.ok ? parsed.value : wrong;
    if (!parsed.ok) problems.push(problemWith(setting, given, parsed.wanted));
  }
  return { values: values as Values, problems }; // each key holds what its own setting's parser made
}

/** Whether no value is wrong. */
export function areRight(values: Values): values is RightValues {
  return !Object.values<unknown>(values).includes(wrong);
}

interface Given {
  readonly text: string;
  /** The flag or variable that the text comes from. */
  readonly source: string;
}

/** The text of the flag, else the text of the variable, else the default; an empty text counts as none. */
function givenText(setting: Setting<unknown>, flag: string | undefined, env: Environment): Given | undefined {
  if (flag?.trim()) return { text: flag.trim(), source: `--${flagOf(setting)}` };
  const text = env[setting.name]?.trim() || setting.default;
  return text === undefined ? undefined : { text, source: setting.name };
}

function problemWith(setting: Setting<unknown>, { text, source }: Given, wanted: string): string {
  return `${source} is ${shownText(setting, text)}, it must be ${wanted}. Example: ${setting.example}`;
}

/** The text as a problem shows it: without a secret, without the password of an address, of at most 100 characters. */
function shownText(setting: Setting<unknown>, text: string): string {
  if (setting.secret) return 'wrong';
  const safe = text.replace(/\/\/[^/@]*@/, '//…@');
  return JSON.stringify(safe.length > 100 ? `${safe.slice(0, 100)}…` : safe);
}
