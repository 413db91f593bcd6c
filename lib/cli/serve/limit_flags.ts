import { type LimitOptions, NO_LIMITS } from "../../limits/mod.ts";
import { bytesAnHour } from "./file_flags.ts";
import { integer, toggle, type Values } from "../flags/mod.ts";
import { rateLimit } from "./kinds/rate_limit.ts";

/**
 * What clients may send and hold open. The defaults are far above what people do, a hundred of them
 * behind one address included, and bound what a flood costs the room.
 */
export const limitFlags = {
  // A paste of some hundred lines into nc arrives at once.
  "frame-limit": rateLimit({
    default: "100/s",
    of: "frames or lines",
    burst: 10,
    help: "frames or lines per second of one connection, 4 KiB counting as one; ten times at once",
  }),
  // Ten connections that flood, or some hundred people who type.
  "address-frame-limit": rateLimit({
    default: "1000/s",
    of: "frames or lines",
    burst: 10,
    help: "the same of all connections of an address; ten times at once",
  }),
  "rename-limit": rateLimit({
    default: "6/m",
    of: "renames",
    burst: 1,
    help: "renames per minute of one person; as many at once",
  }),
  "since-limit": rateLimit({
    default: "30/m",
    of: "commands",
    burst: 1,
    help: "/since per minute of one connection; as many at once",
  }),
  // A hundred pages that load at once are some 1,500 requests.
  "request-limit": rateLimit({
    default: "200/s",
    of: "requests",
    burst: 10,
    help: "HTTP requests per second of an address; ten times at once",
  }),
  // Somebody who types a search sends five a second at most, and scrolling less.
  "read-limit": rateLimit({
    default: "50/s",
    of: "reads",
    burst: 10,
    help:
      "searches, pages of history, GET / and /since per second of an address; ten times at once",
  }),
  // After a restart a hundred people come back at once, some with several tabs.
  "connect-limit": rateLimit({
    default: "50/s",
    of: "connections",
    burst: 10,
    help: "new TCP, WebSocket and stream connections per second of an address; ten times at once",
  }),
  "max-address-connections": integer({
    value: "N",
    default: 500,
    min: 1,
    max: 1_000_000,
    help: "connections that an address may have open",
  }),
  // At 27 to 110 KB each, and 256 KB for one that does not read: 2.5 GB at the very worst.
  "max-connections": integer({
    value: "N",
    default: 10_000,
    min: 1,
    max: 1_000_000,
    help: "connections that may be open in all",
  }),
  // 16 KiB take less over the slowest line that is any use.
  "body-timeout": integer({
    value: "SECONDS",
    default: 10,
    min: 1,
    max: 600,
    help: "longest time for the body of a request",
  }),
  // The page sends the ten files of a message at once.
  "max-uploads": integer({
    value: "N",
    default: 10,
    min: 1,
    max: 1_000_000,
    help: "files that one person uploads at a time, others wait; ten times as many from an address",
  }),
  // Fifty files of the greatest size.
  "upload-limit": bytesAnHour({
    default: "500MB/h",
    help: "bytes that one person uploads in an hour; five times as many from an address",
  }),
  // A person who mistypes needs a few; at this pace eight letters take longer than anybody lives.
  "password-attempts": rateLimit({
    default: "10/m",
    of: "attempts",
    burst: 1,
    help: "wrong passwords per minute of an address; as many at once",
  }),
  limits: toggle({
    default: true,
    help: "limit nothing but messages: for measurements, or where a proxy limits",
  }),
};

/** What the server is given; with `off`, nothing is limited but the time for a body and wrong passwords. */
export function limitsOf(values: Values<typeof limitFlags>, off: boolean): LimitOptions {
  const always = {
    bodyMs: 1000 * values["body-timeout"],
    attempts: values["password-attempts"],
  };
  if (off) return { ...NO_LIMITS, ...always };
  return {
    ...always,
    frames: values["frame-limit"],
    addressFrames: values["address-frame-limit"],
    seeks: values["since-limit"],
    requests: values["request-limit"],
    reads: values["read-limit"],
    connects: values["connect-limit"],
    addressConnections: values["max-address-connections"],
    connections: values["max-connections"],
    uploads: values["max-uploads"],
    uploadBytes: values["upload-limit"],
  };
}
