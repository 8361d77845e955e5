const [begin, end] = ['<!-- bench -->', '<!-- /bench -->'];

/** The page with this text, as code, between its two comments. */
export function withTable(page: string, text: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page has no ${begin} … ${end}`);
  return `${page.slice(0, from)}${begin}\n\n\`\`\`\n${text.trim()}\n\`\`\`\n\n${page.slice(to)}`;
}
