import { listOperators, makeOperator, removeOperator } from "../moderation/mod.ts";
import { printable } from "../model/names.ts";
import { dataFlag } from "./data_flag.ts";
import { defineCommand, text, toggle, UsageError } from "./flags/mod.ts";
import { identityFlags } from "./serve/identity_flags.ts";

/** `deno task operator NAME`: a token for somebody who keeps order, also while the server runs. */
export const command = defineCommand({
  name: "operator",
  summary: "make a token for somebody who keeps order in the room",
  operand: "[NAME]",
  flags: {
    data: dataFlag,
    list: toggle({ default: false, help: "list the operators" }),
    secret: identityFlags.secret,
    remove: text({ value: "NAME", default: undefined, help: "an operator who is to be none" }),
  },
  examples: [
    "deno task operator ann",
    "deno task operator --list",
    "deno task operator --remove ann",
  ],
  async run({ data, list, remove, secret }, name) {
    if ([list, remove !== undefined, name !== undefined].filter(Boolean).length !== 1) {
      throw new UsageError("wanted one of NAME, --list and --remove NAME; see --help");
    }
    if (list) { for (const line of listed(data)) console.log(line); }
    else if (remove !== undefined) {
      const { name } = removeOperator(data, remove);
      console.log(
        `${printable(name)} is no operator any more; the token is an ordinary one from now on`,
      );
    } else {
      const made = await makeOperator(data, name!, secret?.trim());
      console.log(made.token);
      console.error(explain(made.name, made.known));
    }
    return 0;
  },
});

function listed(data: string): string[] {
  const operators = listOperators(data);
  if (operators.length === 0) return ["there are no operators"];
  return operators.map(({ name, at }) =>
    `${printable(name)}  since ${new Date(at).toISOString().slice(0, 10)}`
  );
}

/** What to do with the token, on standard error: standard output has the token and nothing else. */
function explain(name: string, known: boolean): string {
  return [
    `This is ${known ? "another" : "the"} token of the operator ${
      printable(name)
    }. Whoever has it can`,
    "do what an operator can: keep it as you would keep a password. A server that runs knows it already.",
    "",
    "  on the page        Settings, Operator token",
    "  in a terminal      PARTYLINE_TOKEN=… deno task chat",
    "  with nc or telnet  /operator TOKEN",
    "  in a program       Authorization: Bearer TOKEN",
    "",
    `deno task operator --remove ${JSON.stringify(name)} takes it back.`,
  ].join("\n");
}
