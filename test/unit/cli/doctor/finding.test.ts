import { describe, expect, test } from 'vitest';
import { failing, report, warning, well } from '../../../../src/cli/doctor/finding.ts';

describe('the report', () => {
  const findings = [
    { group: 'Kubernetes', ...well('you may see it') },
    { group: 'platform/contoso', ...failing('it is Basic', 'az acr update') },
    { group: 'platform/contoso', ...warning('only one region') },
  ];
  const paint = (_: unknown, text: string) => text;
  const columns = () => undefined;

  test('has a line per check, by group, with the cure below it', () => {
    expect(report(findings, { paint, columns, isUnicode: true })).toBe(`Kubernetes
  ✓ you may see it

platform/contoso
  ✗ it is Basic
    try: az acr update
  ! only one region

1 well, 1 to look at, 1 to cure
`);
  });

  test('does without signs beyond ASCII where the locale has none', () => {
    expect(report(findings, { paint, columns, isUnicode: false })).toBe(`Kubernetes
  ok you may see it

platform/contoso
  x  it is Basic
     try: az acr update
  !  only one region

1 well, 1 to look at, 1 to cure
`);
  });
});

test.each([60, 80, 200])('a long finding is broken between words at %s columns, its cure never is', (width) => {
  const says = 'only japaneast is in routing: nothing takes over when a region fails '.repeat(4).trim();
  const cure = 'kubectl edit registryreplications.acr-replication.dev contoso -n platform-of-a-long-name';
  const plain = { paint: (_: unknown, text: string) => text, isUnicode: true, columns: () => width };
  const lines = report([{ group: 'platform/contoso', ...warning(says, cure) }], plain).split('\n');
  const told = lines.slice(1, lines.indexOf(`    try: ${cure}`));
  expect(told.every((line) => line.length <= width)).toBe(true);
  expect(told.map((line) => line.slice(4)).join(' ')).toBe(says);
});
