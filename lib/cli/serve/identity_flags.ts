import type { IdentityOptions } from "../../server.ts";
import { secret, UsageError, type Values } from "../flags/mod.ts";
import { span, spanOrOff } from "./kinds/span.ts";

/** Less could be guessed by whoever has one token, with time and a list of words. */
const SECRET_AT_LEAST = 32;

/** Who people are, and for how long that is remembered. */
export const identityFlags = {
  // Somebody who is on holiday comes back as who they were.
  "token-life": span({
    default: "30d",
    max: "3650d",
    help: "how long somebody may be away and come back as the same person",
  }),
  // Until the day after: whoever speaks each day keeps their name.
  "hold-names": spanOrOff({
    default: "1d",
    max: "365d",
    help: "how long a name stays its owner's after they left",
  }),
  secret: secret({ value: "WORDS", help: "what signs tokens, instead of the file session.key" }),
};

/** Throws a UsageError where the secret is too short; it is not shown. */
export function identityOf(values: Values<typeof identityFlags>): IdentityOptions {
  const given = values.secret?.trim();
  if (given !== undefined && given.length < SECRET_AT_LEAST) {
    throw new UsageError(
      `PARTYLINE_SECRET has ${given.length} characters: wanted ${SECRET_AT_LEAST} or more, ` +
        "as `openssl rand -base64 32` makes them",
    );
  }
  return {
    secret: given,
    tokenLifeMs: values["token-life"],
    holdNamesMs: values["hold-names"],
  };
}
