/** What somebody may do in a room, and what there is: for clients, so that they offer nothing else. */
export interface Features {
  readonly read: boolean;
  readonly write: boolean;
  readonly search: boolean;
  /** Whether messages may be posted without a session. */
  readonly anonymous: boolean;
}

/** Of a server without a password that has switched off nothing. */
export const ALL_FEATURES: Features = { read: true, write: true, search: true, anonymous: true };

export function lacksOne(features: Features): boolean {
  return Object.values(features).includes(false);
}

/** The names of those that there are, with blanks between them. */
export function featureNames(features: Features): string {
  return Object.entries(features).filter(([, has]) => has).map(([name]) => name).join(" ");
}
