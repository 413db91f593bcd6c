import type { Client } from "../../client/mod.ts";
import { printable } from "../../model/names.ts";
import { fold } from "../../model/search/fold.ts";
import { NAMED, peopleText } from "../../wire/lines.ts";

/**
 * What `/who`, or `/who PART`, is answered with. Those of a crowd, whom the server does not name, are
 * looked up: rejects as `findPeople` does.
 */
export async function whoIsHere(client: Client, part: string): Promise<string[]> {
  const { count, names } = client.people;
  if (names.length === 0 && count > 0) {
    const found = peopleText(part, await client.findPeople(part, NAMED));
    return part === "" ? [`${count} online`, found] : [found];
  }
  if (part === "") return [`${count} online: ${names.map(printable).join(", ")}`];
  const wanted = fold(part);
  const found = names.filter((name) => fold(name).includes(wanted));
  return [peopleText(part, { names: found, more: false })];
}
