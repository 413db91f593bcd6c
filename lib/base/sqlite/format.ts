import { DatabaseSync } from "node:sqlite";
import { StartupError } from "../startup_error.ts";
import { withoutTraces } from "./without_traces.ts";

/** What an SQLite file says of itself. */
export interface Format {
  /** PRAGMA application_id: whose it is. */
  readonly applicationId: number;
  /** PRAGMA user_version: the newest that this program knows. */
  readonly version: number;
}

/** As SQL, for a file that has been made or brought up to date. */
export function stamp({ applicationId, version }: Format): string {
  return `PRAGMA user_version = ${version}; PRAGMA application_id = ${applicationId}`;
}

/** Throws a StartupError where the file is not ours, or of a newer version. One with nothing in it is good. */
export function checkFormat(db: DatabaseSync, path: string, wanted: Format): void {
  const { application_id: application } = db.prepare("PRAGMA application_id").get()!;
  const { user_version: version } = db.prepare("PRAGMA user_version").get()!;
  const { count } = db.prepare("SELECT count(*) AS count FROM sqlite_schema").get()!;
  if (count === 0) return;
  if (application !== wanted.applicationId) {
    throw new StartupError(`${path} is not Partyline's; use another --data directory`);
  }
  if (Number(version) > wanted.version) {
    throw new StartupError(
      `${path} is of a newer Partyline (format ${version}, this one knows ${wanted.version}); ` +
        "update it",
    );
  }
}

/** Throws as `checkFormat`, and where the file is damaged. Only reads, and leaves nothing beside it. */
export function inspectFile(path: string, format: Format): void {
  withoutTraces(path, () => {
    using db = new DatabaseSync(path, { readOnly: true });
    checkFormat(db, path, format);
    const [damage] = Object.values(db.prepare("PRAGMA quick_check(1)").get() ?? {});
    if (damage === "ok") return;
    throw new Error(`${path} is damaged (${String(damage).replaceAll("\n", " ")})`);
  });
}
