import type { Client, Receipt, Ref } from "../../client/mod.ts";
import { COMMANDS, type MessageCommand } from "../../wire/commands.ts";

/**
 * Does what a command asks for about a message; `last` is what was said last, which an edit without a
 * number means. Rejects with what is to be told, or as the client does.
 */
export function obeyAbout(
  client: Client,
  command: MessageCommand,
  last: Ref | undefined,
): Promise<Receipt | undefined> {
  const ref = command.ref ?? (command.type === "edit" ? last : undefined);
  if (ref === undefined) return Promise.reject(new Error(which(command, last)));
  switch (command.type) {
    case "reply":
      return client.say(command.text, { re: ref });
    case "edit":
      return client.edit(ref, command.text);
    case "delete":
      return client.remove(ref);
    case "reaction":
      return client.react(ref, command.emoji, command.on);
  }
}

function which(command: MessageCommand, last: Ref | undefined): string {
  const word = command.type === "reaction" ? (command.on ? "react" : "unreact") : command.type;
  const { name, args } = COMMANDS.find(({ name }) => name === word)!;
  const none = command.type === "edit" && last === undefined
    ? " you have said nothing here yet;"
    : "";
  return `which message?${none} wanted /${name} ${args}`;
}
