const letters = 'abcdefghijklmnopqrstuvwxyz234567';

/**
 * uniqueString() of ARM: 13 letters and digits of a 64-bit hash of the texts with dashes between them. The hash is a
 * MurmurHash of Microsoft's own, as Azure.Deployments.Expression has it (MIT); the values of its tests were found with
 * Bicep.
 */
export function uniqueString(texts: readonly string[]): string {
  let rest = murmurHash64(new TextEncoder().encode(texts.join('-')));
  let text = '';
  for (let i = 0; i < 13; i++) {
    text += letters[Number(rest >> 59n)];
    rest = (rest << 5n) & 0xffff_ffff_ffff_ffffn;
  }
  return text;
}

const [c1, c2] = [0x239b_961b, 0xab0e_9789];

function murmurHash64(data: Uint8Array): bigint {
  let [h1, h2] = [0, 0];
  const blocks = Math.floor(data.length / 8) * 8;
  for (let i = 0; i < blocks; i += 8) {
    h1 = rotated(h1 ^ mixed(wordAt(data, i), c1, 15, c2), 19);
    h1 = (Math.imul((h1 + h2) | 0, 5) + 0x561c_cd1b) | 0;
    h2 = rotated(h2 ^ mixed(wordAt(data, i + 4), c2, 17, c1), 13);
    h2 = (Math.imul((h2 + h1) | 0, 5) + 0x0bca_a747) | 0;
  }
  if (data.length > blocks) h1 ^= mixed(wordAt(data, blocks), c1, 15, c2);
  if (data.length > blocks + 4) h2 ^= mixed(wordAt(data, blocks + 4), c2, 17, c1);
  h1 ^= data.length;
  h2 ^= data.length;
  h1 = (h1 + h2) | 0;
  h2 = (h2 + h1) | 0;
  h1 = finished(h1);
  h2 = finished(h2);
  h1 = (h1 + h2) | 0;
  h2 = (h2 + h1) | 0;
  return (BigInt(h2 >>> 0) << 32n) | BigInt(h1 >>> 0);
}

/** Four bytes, the lowest first; those behind the end are 0. */
function wordAt(data: Uint8Array, at: number): number {
  const byte = (i: number) => data[at + i] ?? 0;
  return byte(0) | (byte(1) << 8) | (byte(2) << 16) | (byte(3) << 24);
}

function mixed(word: number, first: number, bits: number, second: number): number {
  return Math.imul(rotated(Math.imul(word, first), bits), second);
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function finished(word: number): number {
  const once = Math.imul(word ^ (word >>> 16), 0x85eb_ca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2_ae35);
  return twice ^ (twice >>> 16);
}
