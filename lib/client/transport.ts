/** The transports, best first; TCP only where `overTcp` is given. */
export type Transport = "websocket" | "sse" | "poll" | "tcp";
