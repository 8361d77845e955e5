/**
 * The complete lines of a byte stream, without line ends and empty lines. A last line that was cut off is dropped,
 * because the reader of a watch asks for it again. Throws when a line has more than `maxLength` characters.
 */
export async function* lines(chunks: AsyncIterable<Uint8Array>, maxLength: number): AsyncIterable<string> {
  const decoder = new TextDecoder(); // keeps the bytes of a character that is split over chunks
  let rest: string[] = []; // joined only when the line is complete: a long line comes in many chunks
  let length = 0;
  for await (const chunk of chunks) {
    const parts = decoder.decode(chunk, { stream: true }).split('\n');
    const last = parts.pop() ?? '';
    for (const part of parts) {
      rest.push(part);
      const line = rest.join('').trim();
      rest = [];
      length = 0;
      if (line !== '') yield line;
    }
    rest.push(last);
    length += last.length;
    if (length > maxLength) throw new Error(`a line is longer than ${maxLength} characters`);
  }
}
