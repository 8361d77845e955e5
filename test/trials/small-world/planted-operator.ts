import { registerHooks } from 'node:module';
import type { Operator } from './pass.ts';
import { type Plant, type Planted, planted } from './planted.ts';

const src = new URL('../../../src/', import.meta.url).href;

/**
 * The exports of the module that a bug changes, for the modules that are made below.
 *
 * @public
 */
export function worse(id: string, real: object): Readonly<Record<string, unknown>> {
  const { plant } = planted.find((one) => one.id === id) ?? {};
  return { ...real, ...plant?.broken(real) };
}

/** The operator with one bug in it, beside the real one: every module of src is loaded once more for it. */
export async function operatorWith({ id, plant }: Planted): Promise<Operator> {
  const names = Object.keys((await import(`${src}${plant.module}`)) as object);
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      const found = next(specifier, context);
      const isInside = context.parentURL?.startsWith(src) === true && context.parentURL.includes('?planted=');
      return isInside && found.url.startsWith(src) ? { ...found, url: `${found.url}?planted=${id}` } : found;
    },
    load(url, context, next) {
      if (url !== `${src}${plant.module}?planted=${id}`) return next(url, context);
      return { format: 'module', shortCircuit: true, source: sourceOf(id, plant, names) };
    },
  });
  try {
    const [{ reconcile }, { createReplicationApi }] = (await Promise.all([
      import(`${src}controller/reconcile.ts?planted=${id}`),
      import(`${src}azure/replications.ts?planted=${id}`),
    ])) as [Pick<Operator, 'reconcile'>, Pick<Operator, 'createReplicationApi'>];
    return { reconcile, createReplicationApi };
  } finally {
    hooks.deregister();
  }
}

/** A module in the place of the real one, which it takes in under another name. */
function sourceOf(id: string, { module }: Plant, names: readonly string[]): string {
  return [
    `import * as real from '${src}${module}?planted=${id}&real';`,
    `import { worse } from '${import.meta.url}';`,
    `const all = worse('${id}', real);`,
    ...names.map((name) => `export const ${name} = all.${name};`),
  ].join('\n');
}
