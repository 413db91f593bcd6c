// Loaded before the program, into its process: says on SIGUSR2 which of NATS' modules have been loaded.
import { createRequire } from "node:module";

Deno.addSignalListener("SIGUSR2", () => {
  const files = Object.keys(createRequire(import.meta.url).cache);
  const packages = files.map((file) => /@nats-io[/\\][^/\\]+/.exec(file)?.[0]).filter((name) =>
    name
  );
  console.log(`of NATS: ${[...new Set(packages)].toSorted().join(", ") || "nothing"}.`);
});
