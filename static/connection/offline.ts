interface Policy {
  createScriptURL(url: string): string;
}
interface TrustedTypes {
  createPolicy(name: string, rules: Policy): Policy;
}

/**
 * Has the page kept for when there is no network. Only where the browser can, which asks for HTTPS or
 * this very machine. `go` is called for a message that a notification was clicked for.
 */
export async function keepOffline(go: (seq: number) => void): Promise<void> {
  const workers = navigator.serviceWorker;
  if (!workers) return;
  // The one address that is ever made a script's: the policy (named in the CSP) says so to the browser.
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  const policy = trustedTypes?.createPolicy("partyline", { createScriptURL: () => "/sw.js" });
  workers.addEventListener("message", ({ data }) => {
    if (typeof data?.go === "number") go(data.go);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) workers.controller?.postMessage("keep");
  });
  try {
    await workers.register(policy?.createScriptURL("") ?? "/sw.js");
  } catch {
    // best effort: in a private window it may not be allowed
  }
}
