export type Values = Readonly<Record<string, string | number>>;

/**
 * A string with `values` filled in: `{n}` is the value of `n`, `{n:word|words}` the form that fits it
 * as a count. The result is text, not HTML: escape it where HTML is made.
 */
export function fill(text: string, values: Values = {}): string {
  return text.replace(
    /\{(\w+)(?::([^|}]*)\|([^}]*))?\}/g,
    (_, name, one, many) => {
      const value = values[name];
      if (one !== undefined) return value === 1 ? one : many;
      return String(value ?? "");
    },
  );
}
