import { systemClock } from "../../base/clock.ts";
import { type Rate, RateLimit } from "../../base/rate_limit.ts";
import { clientKey } from "../../limits/mod.ts";
import { rateLimited, Refusal } from "../../model/refusal.ts";
import type { SignIn } from "../../registry/mod.ts";
import type { Session, Sessions } from "../../room/sessions.ts";
import type { SignIns, Use } from "../../room/identity/sign_ins.ts";
import type { Exchange, Handler } from "../exchange.ts";
import { json } from "../respond.ts";
import { noSessionCookie } from "../session_cookie.ts";

/** Each is kept until all tokens of that time have ended: more than anybody needs, and few in a month. */
const CHANGES: Rate = { perSecond: 1 / 60, burst: 30 };

export interface SignInRoutes {
  /** GET /api/sessions: the sign-ins of the session that asks. */
  readonly list: Handler;
  /** POST /api/sessions: one more, for another device or program. */
  readonly add: Handler;
  /** DELETE /api/sessions: ends all but the one that asks. */
  readonly endOthers: Handler;
  /** DELETE /api/sessions/<id>: ends one, the one that asks included. */
  readonly end: Handler;
}

/** What somebody can do about the tokens that stand for them. Without a session all are a 401. */
export function signInRoutes(
  { sessions, signIns }: { readonly sessions: Sessions; readonly signIns: SignIns },
): SignInRoutes {
  const changes = new RateLimit(CHANGES, systemClock);
  const count = ({ address }: Exchange) => {
    const waitMs = changes.take(clientKey(address.hostname));
    if (waitMs > 0) throw rateLimited(waitMs, "you change your sign-ins too often");
  };
  return {
    list(exchange) {
      const session = sessionOf(exchange);
      const all = signIns.list(session, useOf(exchange));
      return json({ sessions: all.map((signIn) => publicOf(signIn, session)) });
    },
    async add(exchange) {
      const session = sessionOf(exchange);
      count(exchange);
      const made = sessions.another(session);
      // In the millisecond in which all others were ended, it is later all the same.
      const another = signIns.isEnded(made) ? { ...made, issuedAt: made.issuedAt + 1 } : made;
      signIns.add(another, useOf(exchange));
      const token = await sessions.issue(another);
      return json({ id: another.signIn, name: another.name, token }, { status: 201 });
    },
    endOthers(exchange) {
      const session = sessionOf(exchange);
      count(exchange);
      signIns.endOthers(session);
      return json({
        sessions: signIns.list(session, useOf(exchange)).map((signIn) => publicOf(signIn, session)),
      });
    },
    end(exchange) {
      const session = sessionOf(exchange);
      count(exchange);
      const id = exchange.items[0] ?? "";
      signIns.end(session, id);
      const { cookie } = exchange;
      const isOwn = id === session.signIn && cookie;
      const headers: HeadersInit = isOwn ? { "set-cookie": noSessionCookie(cookie) } : {};
      return new Response(null, { status: 204, headers });
    },
  };
}

/** Who uses a sign-in, from where and with what. */
export function useOf({ request, address }: Pick<Exchange, "request" | "address">): Use {
  return { address: address.hostname, agent: request.headers.get("user-agent") ?? "" };
}

function sessionOf({ session }: Exchange): Session {
  if (session) return session;
  throw new Refusal(
    "unauthorized",
    "wanted a session: its token, or the cookie of POST /api/session",
  );
}

function publicOf({ id, created, used, address, agent }: SignIn, session: Session) {
  return { id, created, used, address, agent, current: id === session.signIn };
}
