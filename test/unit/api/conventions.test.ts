/**
 * The CRD and the words of the operator against the Kubernetes API conventions; the sentences in quotation marks are
 * theirs.
 * Source: https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md
 */
import { statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { finalizer, requestedAt } from '../../../src/api/registryreplication.ts';
import { eventReasons } from '../../../src/domain/events.ts';
import { reasons } from '../../../src/domain/reasons.ts';
import { crdFile, crdSchema, fields, shippedCrd } from '../../support/crd-schema.ts';

const crd = shippedCrd();
const { group, names, versions } = crd.spec;
const [version] = versions;
const word = /^[A-Z][A-Za-z]{2,29}$/;

test('"a specification [...] (a nested object field called spec) and the status", no "additional top-level fields"', () => {
  const topLevel = Object.keys(version?.schema.openAPIV3Schema.properties ?? {});
  expect(topLevel).toEqual(['apiVersion', 'kind', 'metadata', 'spec', 'status']);
});

test('"A /status subresource MUST be provided"; there is nothing to scale', () => {
  expect(versions.map(({ subresources }) => subresources)).toEqual([{ status: {} }]);
});

test('the names of the resource are those of its kind', () => {
  const kind = 'RegistryReplication';
  const [singular, plural] = [kind.toLowerCase(), `${kind.toLowerCase()}s`];
  expect(names).toMatchObject({ kind, singular, plural, listKind: `${kind}List` });
  expect(crd.metadata.name).toBe(`${plural}.${group}`);
  expect(crd.spec.scope).toBe('Namespaced');
});

test('the group is a domain that Kubernetes does not reserve', () => {
  expect(group).toMatch(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/);
  expect(group).not.toMatch(/(^|\.)(k8s|kubernetes)\.io$/);
});

test('versions are named as Kubernetes sorts them; exactly one is stored, and none is converted', () => {
  for (const { name, served } of versions) expect([served, name]).toEqual([true, expect.stringMatching(sortable)]);
  expect(versions.filter(({ storage }) => storage)).toHaveLength(1);
  expect(crd.spec.conversion?.strategy ?? 'None').toBe('None');
});
const sortable = /^v[1-9]\d*((alpha|beta)[1-9]\d*)?$/;

test('nothing in the schema opens it to what is not described', () => {
  const opening = /x-kubernetes-(preserve-unknown-fields|int-or-string|embedded-resource)|preserveUnknownFields/;
  expect(JSON.stringify(crd)).not.toMatch(opening);
});

test('every printer column shows a field that exists, and those of times are dates', () => {
  const known = new Map([...fields(crdSchema('spec'), 'spec'), ...fields(crdSchema('status'), 'status')]);
  for (const { name, jsonPath, type } of version?.additionalPrinterColumns ?? []) {
    const path = jsonPath.slice(1).replace(/\[\?.*?\]/, '[]');
    const format = path === 'metadata.creationTimestamp' ? 'date-time' : known.get(path)?.format;
    expect(path === 'metadata.creationTimestamp' || known.has(path), name).toBe(true);
    expect(type, name).toBe(format === 'date-time' ? 'date' : 'string');
  }
});

test('"Conditions should follow the standard schema": what controller-gen makes of metav1.Condition', () => {
  const { items, ...list } = crdSchema('status').properties?.['conditions'] ?? {};
  expect(list).toMatchObject({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] });
  expect(new Set(items?.required)).toEqual(new Set(['type', 'status', 'lastTransitionTime', 'reason', 'message']));
  expect(Object.keys(items?.properties ?? {}).sort()).toEqual(Object.keys(metav1Condition).sort());
  expect(items?.properties).toMatchObject(metav1Condition);
});

test.each(Object.keys(reasons))('"Reason is intended to be a one-word, CamelCase representation": %s', (reason) =>
  expect(reason).toMatch(word),
);

test.each(Object.entries(eventReasons))(
  '"Choose a unique, specific, short, CamelCase reason for each event": %s',
  (reason, { action }) => {
    expect([reason, action]).toEqual([expect.stringMatching(word), expect.stringMatching(word)]);
  },
);

test.each([requestedAt, finalizer])('"must be prefixed", "all lowercase, with words separated by dashes": %s', (key) =>
  expect(key).toMatch(new RegExp(`^${group}/[a-z]+(-[a-z]+)*$`)),
);

test('the CRD is smaller than 64 KB, so that kubectl apply can note it in an annotation (256 KB at most)', () => {
  expect(statSync(crdFile).size).toBeLessThan(64 * 1024);
  expect(JSON.stringify(crd).length).toBeLessThan(64 * 1024);
});

/** In the CRDs of Flux and the Gateway API alike, but for the descriptions. */
const metav1Condition = {
  lastTransitionTime: { type: 'string', format: 'date-time' },
  message: { type: 'string', maxLength: 32_768 },
  observedGeneration: { type: 'integer', format: 'int64', minimum: 0 },
  reason: { type: 'string', minLength: 1, maxLength: 1_024, pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$' },
  status: { type: 'string', enum: ['True', 'False', 'Unknown'] },
  type: {
    type: 'string',
    maxLength: 316,
    pattern:
      '^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$',
  },
};
