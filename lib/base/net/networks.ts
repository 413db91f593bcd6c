import { BlockList, isIP } from "node:net";

/** Short for what runs on this machine. */
const LOOPBACK = ["127.0.0.0/8", "::1"];

/** IP addresses and ranges of them: `10.0.0.7`, `10.0.0.0/8`, `fd00::/8`, or `loopback`. */
export class Networks {
  readonly #list = new BlockList();

  /** Throws an Error that names the entry that is neither an address nor a range, and what is wanted. */
  constructor(entries: readonly string[]) {
    for (const entry of entries.flatMap((entry) => entry === "loopback" ? LOOPBACK : [entry])) {
      const [, address = "", bits] = /^([^/%]*)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
      const version = isIP(address);
      const most = version === 4 ? 32 : 128;
      const length = Number(bits ?? most);
      if (version === 0 || length > most) {
        throw new Error(
          `"${entry}" is no address: wanted IP addresses, ranges as 10.0.0.0/8, or loopback`,
        );
      }
      this.#list.addSubnet(address, length, version === 4 ? "ipv4" : "ipv6");
    }
  }

  /** What is no address is in no network. An IPv4 address may be written as an IPv6 one. */
  has(address: string): boolean {
    const version = isIP(address);
    return version !== 0 && this.#list.check(address, version === 4 ? "ipv4" : "ipv6");
  }
}
