import { text } from "./flags/mod.ts";

/** `--data DIR`: the folder of a server's data, for every command that reads or writes it. */
export const dataFlag = text({
  value: "DIR",
  default: "./data",
  help: "where the history is kept",
});
