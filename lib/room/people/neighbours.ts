import type { Notice } from "../../model/events.ts";

/** A person as all nodes know them. */
export interface Resident {
  readonly session: string;
  readonly name: string;
  /** Where their newest connection comes from. */
  readonly address: string;
}

/** Told what becomes of people at the other nodes, by one node after the other, in one order for all. */
export interface NeighbourListener {
  /** Somebody is here by another node, under that name: has come, was here all along, or is renamed. */
  here(person: Resident): void;
  /** Somebody whom `here` told of is at no other node any more. */
  gone(session: string): void;
  /** The name that was claimed for a session is not certain any more: it is to be claimed again. */
  lost(session: string): void;
  /** Another node tells everybody. */
  notice(notice: Notice): void;
}

/**
 * The other nodes of the room, as far as people are concerned. A session has one name on all nodes,
 * and no two sessions have names that read the same: a name is claimed before it is used.
 */
export interface Neighbours {
  /** Whether claims can be decided now, as far as is known. */
  readonly connected: boolean;
  /** Tells the listener who is here by other nodes, and then each change. There is one listener. */
  follow(listener: NeighbourListener): void;
  /**
   * Has the name for a session of this node, instead of the one it had. Resolves with false where it is
   * somebody else's, whom `here` has told of by then. Claiming again what was claimed costs nothing.
   * Rejects with a Refusal, `unavailable`, where that cannot be decided: then the session has the name
   * that it had, or none.
   */
  claim(person: Resident): Promise<boolean>;
  /** The session is not at this node any more; its name is free unless it is at another. */
  release(session: string): void;
  /** To everybody at the other nodes who is connected now; lost where that cannot be. */
  notify(notice: Notice): void;
}
