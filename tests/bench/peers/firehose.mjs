// Not a chat: sends prepared frames of N messages to whoever connects, as fast as it can, to
// show what the load generator can take at most. Its argument is N.
import { createServer } from "node:http";

const messages = Number(process.argv[2] ?? 64);
const text = "~00000000000".padEnd(100, ".");
const line =
  `{"type":"message","seq":123456,"at":1795215600000,"id":"p0-1f","from":"ann","text":"${text}"}`;
const payload = Buffer.from(Array(messages).fill(line).join("\n"));
const frame = Buffer.concat([head(payload.length), payload]);
const ENOUGH_BYTES = 256 * 1024;
const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="; // to the one key that the generator uses

const sockets = new Set();
const server = createServer((_, response) => response.end("ok\n"));
server.on("upgrade", (_, socket) => {
  socket.setNoDelay(true);
  socket.write(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${ACCEPT}\r\n\r\n`,
  );
  sockets.add(socket);
  socket.on("error", () => {});
  socket.on("close", () => sockets.delete(socket));
  // The first thing a publisher says starts it.
  socket.on("data", () => pour());
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/`));

let pouring = false;
function pour() {
  if (pouring) return;
  pouring = true;
  const sweep = () => {
    for (const socket of sockets) if (socket.writableLength < ENOUGH_BYTES) socket.write(frame);
    setImmediate(sweep);
  };
  sweep();
}

function head(length) {
  if (length < 126) return Buffer.from([0x81, length]);
  const wide = length > 65535;
  const bytes = Buffer.alloc(wide ? 10 : 4);
  bytes[0] = 0x81;
  bytes[1] = wide ? 127 : 126;
  if (wide) bytes.writeBigUInt64BE(BigInt(length), 2);
  else bytes.writeUInt16BE(length, 2);
  return bytes;
}
