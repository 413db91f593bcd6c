/**
 * NATS, for a room on several machines: the connection, what follows a stream, and buckets of
 * keys and values. It loads NATS' packages, so whoever does without NATS imports nothing but types
 * from here.
 */

export { Bucket, type BucketOptions } from "./bucket.ts";
export type { BucketChange, BucketEntry } from "./bucket_watch.ts";
export { eraseMessage } from "./erase.ts";
export { Objects, type ObjectsOptions } from "./objects.ts";
export { type Beginning, Follower, type FollowerOptions, isMissing } from "./follower.ts";
export { type RequestOptions, Requests } from "./requests.ts";
export { Nats, type NatsEnvironment, type NatsOptions } from "./nats.ts";
