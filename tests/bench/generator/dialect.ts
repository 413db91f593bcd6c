/** How a server wants to be spoken to. */
export type Dialect = "plain" | "partyline" | "socketio";
/** What a reader's connection rides on. */
export type Transport = "ws" | "http" | "tcp";

/** The frame with which a client posts a text. */
export function post(dialect: Dialect, text: string, id: string): string {
  switch (dialect) {
    case "plain":
      return text;
    case "partyline":
      return `{"type":"message","id":"${id}","text":"${text}"}`;
    case "socketio":
      return `42["message","${text}"]`;
  }
}

/** What a client says first, once the WebSocket is open. Engine.IO: connect to the namespace. */
export function greeting(dialect: Dialect): string | undefined {
  return dialect === "socketio" ? "40" : undefined;
}

/** Engine.IO's own ping is a frame of one byte, "2", and wants a "3" back. */
export const ENGINE_IO_PING = 0x32;
export const ENGINE_IO_PONG = "3";
