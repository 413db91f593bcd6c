/** What holds something of the server open. */
const HOLDERS = [
  "websocket",
  "ws_text",
  "sse",
  "stream",
  "poll",
  "tcp",
  "echo",
  "body",
  "file",
  "handshake",
] as const;
export type Holder = typeof HOLDERS[number];

/** What there is a limit of. */
const LIMITED = [
  ...["frames", "address_frames", "pongs", "seeks", "requests", "reads", "connects"] as const,
  ...["address_connections", "connections", "bodies", "passwords"] as const,
  ...["uploads", "upload_bytes"] as const,
];
export type Limited = typeof LIMITED[number];

/** What is counted since the start, besides what is counted to limit it. */
export interface LimitCounts {
  /** Held open now. */
  readonly held: Record<Holder, number>;
  /** Requests that came, those that were refused among them. */
  requests: number;
  /** What was refused, or cut, by the limit that was met. */
  readonly limited: Record<Limited, number>;
}

export function noCounts(): LimitCounts {
  return { held: zeros(HOLDERS), requests: 0, limited: zeros(LIMITED) };
}

function zeros<K extends string>(names: readonly K[]): Record<K, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<K, number>;
}
