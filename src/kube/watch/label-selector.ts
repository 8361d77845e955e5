/** Whether an object with these labels is selected. */
export type LabelMatcher = (labels: Readonly<Record<string, string>> | undefined) => boolean;

type Labels = ReadonlyMap<string, string>;
type Requirement = (labels: Labels) => boolean;

/**
 * Makes of a label selector, in the words that kubectl --selector takes, what the API server makes of it: all
 * requirements must hold, and `!=` and `notin` hold for an object without the label, too. Without a text every object
 * is selected. Throws when the text is no selector.
 */
export function labelMatcher(selector: string | undefined): LabelMatcher {
  const requirements = (selector ?? '')
    .split(/,(?![^(]*\))/)
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map(requirementIn);
  return (labels = {}) => {
    const known = new Map(Object.entries(labels));
    return requirements.every((holds) => holds(known));
  };
}

function requirementIn(text: string): Requirement {
  const [, not, bare = ''] = /^(!?)\s*([^\s!=()]+)$/.exec(text) ?? [];
  if (not !== undefined) return (labels) => labels.has(bare) === (not === '');
  const [, name, operator, value = ''] = /^([^\s!=()]+)\s*(!=|==?)\s*([^\s!=()]*)$/.exec(text) ?? [];
  if (name !== undefined) return (labels) => (labels.get(name) === value) === (operator !== '!=');
  const [, key, how, list = ''] = /^([^\s!=()]+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(text) ?? [];
  if (key === undefined) throw new Error(`${JSON.stringify(text)} is no requirement of a label selector`);
  const values = list.split(',').map((one) => one.trim());
  return (labels) => {
    const label = labels.get(key);
    return (label !== undefined && values.includes(label)) === (how === 'in');
  };
}
