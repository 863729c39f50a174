import { parentPort } from "node:worker_threads";

parentPort?.on("message", (text: string) => {
  const runs = JSON.parse(text) as readonly { readonly no: number }[];
  const starts = runs.map(({ no }) => [no, performance.timeOrigin + performance.now()]);
  parentPort?.postMessage(JSON.stringify(starts));
});
