import type { PeopleFile } from "./database.ts";

/** What operators have set for the room, by name. */
export const ROOM_SETTINGS_TABLE = `CREATE TABLE IF NOT EXISTS room_settings (
  name  TEXT PRIMARY KEY,
  value ANY NOT NULL
) STRICT, WITHOUT ROWID`;

const KIND = "setting";

export function readRoomSetting(file: PeopleFile, name: string): number | undefined {
  const row = file.db.prepare("SELECT value FROM room_settings WHERE name = ?").get(name);
  return row && Number(row.value);
}

/** Within `Registry.now` of the caller's. */
export function writeRoomSetting(file: PeopleFile, name: string, value: number): void {
  file.db.prepare("INSERT OR REPLACE INTO room_settings (name, value) VALUES (?, ?)")
    .run(name, value);
  file.sharing.changed(KIND, name);
}

/** Has the settings in common with the other nodes; `onTaken` is called when another has changed one. */
export function shareRoomSettings(file: PeopleFile, onTaken: () => void): void {
  file.sharing.add({
    kind: KIND,
    lasts: true,
    ids: () =>
      file.db.prepare("SELECT name FROM room_settings").all().map(({ name }) => String(name)),
    read: (name) => readRoomSetting(file, name),
    take(name, value) {
      file.db.prepare("INSERT OR REPLACE INTO room_settings (name, value) VALUES (?, ?)")
        .run(name, Number(value));
      onTaken();
    },
  });
}
