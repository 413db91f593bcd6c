interface Policy {
  createScriptURL(url: string): string;
}
interface TrustedTypes {
  createPolicy(name: string, rules: Policy): Policy;
}

/**
 * Registers the service worker, which keeps the page for when there is no network. Browsers have
 * service workers only over HTTPS and on localhost; elsewhere this does nothing. `go` is called with
 * the seq of a message whose notification was clicked.
 */
export async function keepOffline(go: (seq: number) => void): Promise<void> {
  const workers = navigator.serviceWorker;
  if (!workers) return;
  // The CSP demands Trusted Types: this policy, the only one it allows, yields this one script URL.
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  const policy = trustedTypes?.createPolicy("partyline", { createScriptURL: () => "sw.js" });
  workers.addEventListener("message", ({ data }) => {
    if (typeof data?.go === "number") go(data.go);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) workers.controller?.postMessage("keep");
  });
  try {
    await workers.register(policy?.createScriptURL("") ?? "sw.js");
    const { active } = await workers.ready;
    // A page that was still loading when the worker began is not among those that it took charge of.
    if (!workers.controller) active?.postMessage("claim");
  } catch {
    // best effort: a private window may not allow it
  }
}
