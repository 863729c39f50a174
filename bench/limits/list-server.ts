import { Hono } from "hono";
import Libsql from "libsql";

// What hono and libSQL alone do with a list: fifty rows by the primary key, as they are. `bun list-server.ts STORE`

const database = new Libsql(process.argv[2] ?? "", { readonly: true });
const statement = database.prepare("SELECT * FROM run WHERE no < ? ORDER BY no DESC LIMIT 50");
const app = new Hono();
app.get("/runs", (c) => c.json({ items: statement.all(Number(c.req.query("cursor"))) }));
const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: app.fetch });
console.log(`http://127.0.0.1:${server.port}`);
