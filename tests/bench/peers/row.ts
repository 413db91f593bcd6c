import type { Peer, Readers } from "./peer.ts";

/** One line of the tables: a peer, read in one way. */
export type Row = {
  readonly name: string;
  readonly title: string;
  readonly peer: Peer;
  readonly over: Readers;
};

/** The rows asked for, by the name of the row or of its peer. Further ways of reading come last. */
export function rowsOf(peers: readonly Peer[], wanted: readonly string[] | undefined): Row[] {
  const rows = peers.flatMap((peer) =>
    peer.readers.map((over, i): Row => ({
      name: i === 0 ? peer.name : `${peer.name}/${over.name}`,
      title: i === 0 ? peer.title : `${peer.title}; readers over ${over.name}`,
      peer,
      over,
    }))
  );
  rows.sort((a, b) => Number(isFurther(a)) - Number(isFurther(b)));
  if (wanted === undefined) return rows.filter(({ peer }) => !peer.onlyByName);
  const unknown = wanted.find((name) => !rows.some((row) => isMeant(row, name)));
  if (unknown !== undefined) {
    throw new RangeError(`--peers ${unknown}: wanted ${rows.map((row) => row.name).join(", ")}`);
  }
  return rows.filter((row) => wanted.some((name) => isMeant(row, name)));
}

function isMeant(row: Row, name: string): boolean {
  return row.name === name || row.peer.name === name ||
    `${row.peer.name}/${row.over.name}` === name;
}

/** A way of reading besides the peer's first. */
export function isFurther(row: Row): boolean {
  return row.over !== row.peer.readers[0];
}
