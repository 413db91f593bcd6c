import { cpuUsage } from "node:process";
import type { Kinds } from "./kinds.ts";

/** What the process uses, under the names that Prometheus' own clients have for it. */
export function addProcessFigures(kinds: Kinds): void {
  kinds.gauge(
    ["process_start_time_seconds", "When the process was started, in seconds since 1970"],
    () => performance.timeOrigin / 1000,
  );
  kinds.counter(["process_cpu_seconds_total", "Processor time used, of all threads"], () => {
    const { user, system } = cpuUsage();
    return (user + system) / 1e6;
  });
  kinds.gauge(
    ["process_resident_memory_bytes", "Memory in use"],
    () => Deno.memoryUsage().rss,
  );
  kinds.gauge(
    ["partyline_heap_used_bytes", "Of it, JavaScript objects"],
    () => Deno.memoryUsage().heapUsed,
  );
  kinds.gauge(
    ["partyline_external_bytes", "Of it, buffers of JavaScript objects"],
    () => Deno.memoryUsage().external,
  );
}
