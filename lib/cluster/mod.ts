/** What several nodes of one room have in common besides its log: files. */

export { ObjectPool, type ObjectPoolOptions } from "./files/object_pool.ts";
