import { expect, test } from "bun:test";
import { createApp } from "../../src/http/app.ts";
import { memoryDaemon } from "./support/memory-daemon.ts";

async function aFamily() {
  const { api, runs } = memoryDaemon();
  await api.commands.trigger({ flow: "backup", priority: 7 });
  await api.commands.trigger({ flow: "backup" });
  const [parent, child] = runs;
  if (parent === undefined || child === undefined) throw new Error("there are no two runs");
  runs[1] = { ...child, parent: parent.id };
  const app = createApp(api);
  const get = async (path: string) => await app.request(`http://localhost${path}`);
  return { parent, child, get };
}

test("a run says its priority and its parent", async () => {
  const { parent, child, get } = await aFamily();

  expect(await (await get(`/api/runs/${parent.id}`)).json()).toMatchObject({ priority: 7 });
  expect(await (await get(`/api/runs/${child.id}`)).json()).toMatchObject({
    priority: 0,
    parent: parent.id,
  });
});

test("runs can be asked for by their parent's id", async () => {
  const { parent, child, get } = await aFamily();

  const { items } = await (await get(`/api/runs?parent=${parent.id}`)).json();
  const refused = await get(`/api/runs?parent=${parent.name}`);

  expect(items.map(({ id }: { id: string }) => id)).toEqual([child.id]);
  expect(refused.status).toBe(400);
  expect((await refused.json()).detail).toContain("expected the id of a run, whole");
});
