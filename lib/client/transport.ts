/** The transports, best first; TCP only where a `dial` is given. */
export type Transport = "websocket" | "sse" | "poll" | "tcp";
