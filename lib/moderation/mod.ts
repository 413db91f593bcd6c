/** What operators lay down and do: who may come in, who may write, and how that changes. */

export { AuditFile } from "./audit.ts";
export { listOperators, makeOperator, removeOperator } from "./make_operator.ts";
export { type Done, Moderation, type OrderBy } from "./moderation.ts";
export { HouseRules, KICK_MS } from "./house_rules.ts";
