import { isAddress, plainAddress } from "../../../base/net/address.ts";
import { choice, type Flag, toggle } from "../../flags/mod.ts";

/** What an operator sees of the server. */
export const operationFlags = {
  "log-level": choice({
    choices: ["debug", "info", "warning", "error"],
    default: "info",
    help: "the least that is logged: who comes and goes is info",
  }),
  "log-format": choice({
    choices: ["auto", "text", "json"],
    default: "auto",
    help: "lines for people (auto: with colours on a terminal), or JSON",
  }),
  metrics: toggle({ default: true, help: "no /metrics for Prometheus" }),
  "metrics-allow": addresses({
    help:
      "addresses that may read /metrics besides this machine, separated by commas; all: everybody",
  }),
  check: toggle({
    default: false,
    help: "say whether the options and the data are good, and start nothing",
  }),
};

/** Addresses, none of them by default, or `all`. */
function addresses({ help }: { help: string }): Flag<readonly string[] | "all"> {
  return {
    value: "ADDRESS,…|all",
    help,
    default: [],
    typed: "",
    parse(raw) {
      if (raw === "all") return "all";
      const all = raw.split(",").map((item) => item.trim()).filter((item) => item !== "");
      if (all.length === 0 || !all.every(isAddress)) {
        throw new Error("wanted IP addresses, separated by commas, or all");
      }
      return all.map(plainAddress);
    },
  };
}
