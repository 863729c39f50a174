import { parentPort, workerData } from "node:worker_threads";

interface Told {
  readonly id: string;
}

parentPort?.on("message", async (text: string) => {
  const at = performance.timeOrigin + performance.now();
  const { http, told } = JSON.parse(text) as { http: boolean; told: readonly Told[] };
  if (http) await Promise.all(told.map(post));
  parentPort?.postMessage(JSON.stringify(told.map(({ id }) => ({ id, at }))));
});

async function post(one: Told): Promise<void> {
  const { url } = workerData as { url: string };
  const answer = await fetch(url, { method: "POST", body: JSON.stringify(one) });
  await answer.arrayBuffer();
}
