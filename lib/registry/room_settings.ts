import type { Store } from "./store.ts";

/** What operators have set for the room, by name. */
export const ROOM_SETTINGS_TABLE = `CREATE TABLE IF NOT EXISTS room_settings (
  name  TEXT PRIMARY KEY,
  value ANY NOT NULL
) STRICT, WITHOUT ROWID`;

export function readRoomSetting(store: Store, name: string): number | undefined {
  const row = store.db.prepare("SELECT value FROM room_settings WHERE name = ?").get(name);
  return row && Number(row.value);
}

/** Within `Registry.now` of the caller's. */
export function writeRoomSetting(store: Store, name: string, value: number): void {
  store.db.prepare("INSERT OR REPLACE INTO room_settings (name, value) VALUES (?, ?)")
    .run(name, value);
}
