/**
 * What `make` makes of a text, kept for the texts asked for last: at least `max / 2` of them, at most `max`.
 * The older half goes as a whole, since a Map from which entries are taken one by one becomes slow.
 */
export function kept<Made>(max: number, make: (text: string) => Made): (text: string) => Made {
  let young = new Map<string, Made>();
  let old = new Map<string, Made>();
  return (text) => {
    const known = young.get(text);
    if (known !== undefined) return known;
    const made = old.get(text) ?? make(text);
    if (young.size >= max / 2) {
      old = young;
      young = new Map();
    }
    young.set(text, made);
    return made;
  };
}
