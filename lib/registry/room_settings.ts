import type { PeopleFile } from "./database.ts";

/** What operators have set for the room, by name. */
export const ROOM_SETTINGS_TABLE = `CREATE TABLE IF NOT EXISTS room_settings (
  name  TEXT PRIMARY KEY,
  value ANY NOT NULL
) STRICT, WITHOUT ROWID`;

export function readRoomSetting(file: PeopleFile, name: string): number | undefined {
  const row = file.db.prepare("SELECT value FROM room_settings WHERE name = ?").get(name);
  return row && Number(row.value);
}

/** Within `Registry.now` of the caller's. */
export function writeRoomSetting(file: PeopleFile, name: string, value: number): void {
  file.db.prepare("INSERT OR REPLACE INTO room_settings (name, value) VALUES (?, ?)")
    .run(name, value);
}
