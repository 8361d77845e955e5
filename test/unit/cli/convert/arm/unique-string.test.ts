import { expect, test } from 'vitest';
import { uniqueString } from '../../../../../src/cli/convert/arm/unique-string.ts';

// What Bicep's own uniqueString() gives, as others have noted it for their copies of the function.
test.each([
  ['rbgf3xv4ufgzg', ['test']],
  ['a7wkljktk6wne', ['hello', 'world']],
  ['cgtzqvhu4i23s', ['abc']],
  ['bmg7c6xu4tw46', ['/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/my-rg']],
  ['xzi4ioaxtmth4', ['foo', 'bar', 'baz']],
])('%s is what it makes of %j', (expected, texts) => expect(uniqueString(texts)).toBe(expected));
