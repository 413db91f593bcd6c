import { passwordFault } from "../../access/mod.ts";
import { StartupError } from "../../base/startup_error.ts";
import type { AccessSettings } from "../../server.ts";
import { toggle, type Values } from "../flags/mod.ts";
import { passwordFlags, readPassword } from "../password/password.ts";

/** Who may come in, who may write, and what there is. */
export const accessFlags = {
  ...passwordFlags,
  "read-only-guests": toggle({
    default: false,
    help: "let everybody read, and only those with the password write",
  }),
  "anonymous-posts": toggle({
    default: true,
    help: "refuse messages without a session (POST /api/messages without a token)",
  }),
  search: toggle({ default: true, help: "do not offer search" }),
  echo: toggle({ default: true, help: "do not offer /echo" }),
};

/**
 * What the server is given. Throws a StartupError where that makes no sense; `warn` is told what is
 * not as safe as it could be.
 */
export function accessOf(
  values: Values<typeof accessFlags>,
  warn: (what: string) => void,
): AccessSettings {
  const password = readPassword(values);
  const fault = password && passwordFault(password.text);
  if (fault) throw new StartupError(`the password in ${password.where} ${fault}`);
  if (!password && values["read-only-guests"]) {
    throw new StartupError(
      "--read-only-guests wants a password for those who write; give one by --password-file FILE",
    );
  }
  if (password?.exposed) {
    warn(`everybody on this machine can read ${password.where}; chmod 600 changes that`);
  }
  return {
    password: password?.text,
    readOnlyGuests: values["read-only-guests"],
    anonymousPosts: values["anonymous-posts"],
    search: values.search,
    echo: values.echo,
  };
}
