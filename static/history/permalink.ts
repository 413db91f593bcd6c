/** The seq of the message that a hash names, such as `#42`. */
export function seqIn(hash: string): number | undefined {
  const seq = /^#(\d{1,15})$/.exec(hash)?.[1];
  return seq === undefined ? undefined : Number(seq);
}

/** The seq of the message that a link leads to; undefined where it leads to another page. */
export function linkedSeq(link: HTMLAnchorElement): number | undefined {
  const { origin, pathname } = location;
  const here = link.origin === origin && link.pathname === pathname && link.search === "";
  return here ? seqIn(link.hash) : undefined;
}
