/**
 * One process of the load generator. Started by ../crew.ts, under Node with its types erased
 * where there is one, since a read costs Node less, else under Deno. Reads commands on standard
 * input, answers each with a line, and leaves when the input ends.
 */
import { createInterface } from "node:readline";
import process from "node:process";
import { Generator } from "./generator.ts";

const generator = new Generator();
for await (const line of createInterface({ input: process.stdin })) {
  const answer = await generator.obey(JSON.parse(line));
  process.stdout.write(JSON.stringify(answer) + "\n");
}
process.exit(0);
