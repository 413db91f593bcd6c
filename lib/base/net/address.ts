/** An address in one spelling: an IPv4 address that was mapped into IPv6 as itself, without a zone. */
export function plainAddress(address: string): string {
  const plain = address.trim().toLowerCase().replace(/^\[(.*)\]$/, "$1").split("%", 1)[0]!;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain);
  if (mapped) return mapped[1]!;
  if (!plain.includes(":")) return plain;
  return URL.parse(`http://[${plain}]/`)?.hostname.slice(1, -1) ?? plain;
}

/** Whether only this machine reaches the address, or is reached from it. */
export function isLoopback(address: string): boolean {
  const plain = plainAddress(address);
  return plain === "::1" || isIpv4(plain) && plain.startsWith("127.");
}

/** Whether it is an address, and no name. */
export function isAddress(text: string): boolean {
  const plain = plainAddress(text);
  return isIpv4(plain) || plain.includes(":") && URL.canParse(`http://[${plain}]/`);
}

function isIpv4(text: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(text) &&
    text.split(".").every((part) => Number(part) <= 255);
}
