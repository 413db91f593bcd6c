import type { Client } from "../../lib/client/mod.ts";

/**
 * Tells the client what only the browser knows: that the network is gone or back, and that somebody
 * looks at the page again, who should not wait for the next attempt.
 */
export function watchNetwork(client: Client): void {
  const reconnect = () => {
    if (navigator.onLine) client.reconnect();
  };
  addEventListener("online", reconnect);
  addEventListener("offline", () => client.pause());
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) reconnect();
  });
  if (!navigator.onLine) client.pause();
}
