/** Why a connection failed, in a few words for a person at a terminal. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return reasonOf(error.cause);
  const status = /status code: (\d+)/.exec(error.message)?.[1];
  if (status !== undefined) return `it answered with status ${status}`;
  // The runtime's messages go from the general to the particular: "…: tcp connect error: Connection
  // refused (os error 111)".
  const last = error.message.replace(/ \(os error \d+\)$/, "").split(": ").at(-1)!;
  switch (last) {
    case "Name or service not known":
    case "dns error":
      return "there is no such host";
    case "tcp connect error":
      return "nobody answers there";
    case "Connection refused":
      return "connection refused";
    default:
      return last;
  }
}
