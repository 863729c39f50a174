import { expect, test } from "bun:test";
import { aMailSink, CERTIFICATE, PASSWORD, USER } from "../hooks/mail-sink.ts";
import { aScene, isOver } from "../support/daemon.ts";
import { until } from "../support/until.ts";

const SCENARIO_MS = 60_000;

const CONFIG = `
import { block, defineConfig, flow } from "tocsin";
import { email } from "tocsin/hooks/email";

export default defineConfig({
  flows: [
    flow({
      name: "failing-flow",
      onFailure: email({
        smtp: block("smtp/mail"),
        from: "tocsin@example.org",
        to: ["ann@example.org", "bo@example.org"],
        retry: ["1s", "1s"],
      }),
      run: () => {
        throw new Error("oops!");
      },
    }),
  ],
});
`;

test(
  "the binary sends a mail over TLS, and again to whom the server would not take it for at first",
  async () => {
    let full = true;
    await using sink = await aMailSink(
      {},
      {
        recipient: (address) => {
          if (!full || address !== "bo@example.org") return undefined;
          full = false;
          return [552, "5.2.2 mailbox full"];
        },
      },
    );
    await using scene = await aScene(CONFIG);
    const daemon = await scene.serve();
    const server = { host: "127.0.0.1", port: sink.port, user: USER, password: PASSWORD };
    const set = ["blocks", "set", "smtp/mail", "--server", daemon.url];
    const saved = await scene.tocsin(set, {
      stdin: JSON.stringify({ ...server, ca: CERTIFICATE }),
    });
    expect(saved.code).toBe(0);

    const { id } = await daemon.trigger("failing-flow");
    await daemon.untilRun(id, isOver);
    const delivery = await until(
      "the mail is delivered",
      async () => (await daemon.deliveries(id)).find(({ status }) => status === "delivered"),
      { log: daemon.log },
    );

    expect(sink.letters.map(({ recipients }) => recipients)).toEqual([
      ["ann@example.org"],
      ["bo@example.org"],
    ]);
    for (const letter of sink.letters) {
      expect(letter).toMatchObject({ secure: true, user: USER });
      expect(letter.source).toContain(`Message-ID: <${delivery.id}@example.org>`);
      expect(letter.source).toContain(`/runs/${id}`);
    }
    expect(JSON.stringify(delivery)).toContain(
      "it refused bo@example.org (552 5.2.2 mailbox full)",
    );
    expect(JSON.stringify(delivery) + daemon.log()).not.toContain(PASSWORD);
    expect(await daemon.stop()).toBe(0);
  },
  SCENARIO_MS,
);
