import { reasonOf, refusal } from "./admit-file.ts";
import type { Connection } from "./connection.ts";
import { APPLICATION_ID, MIGRATIONS } from "./migrations.ts";

/** Brings a new or older store to the newest version, a version per transaction. */
export function migrate(connection: Connection, path: string): void {
  const [row] = connection.all<{ user_version: number }>("PRAGMA user_version");
  const version = row?.user_version ?? 0;
  for (const [index, script] of MIGRATIONS.entries()) {
    if (index < version) continue;
    try {
      connection.transaction(() => {
        connection.script(script);
        connection.script(
          `PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${index + 1}`,
        );
      });
    } catch (error) {
      throw refusal(
        path,
        `it could not be brought to version ${index + 1} (${reasonOf(error)})`,
        error,
      );
    }
  }
}
