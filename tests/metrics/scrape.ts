/** The figures of a page in Prometheus' text format, by name and labels as they are written. */
export function figuresIn(text: string): Map<string, number> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => {
    const at = line.lastIndexOf(" ");
    return [line.slice(0, at), Number(line.slice(at + 1))];
  }));
}

/** The names of the metrics on such a page, with the suffixes that a histogram has. */
export function namesIn(text: string): Set<string> {
  return new Set([...figuresIn(text).keys()].map((key) => key.replace(/\{.*/, "")));
}
