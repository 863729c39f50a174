import { expect, test } from "bun:test";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { configText, untilFile } from "../support/configs.ts";
import { aScene, BINARY, type Scene } from "../support/daemon.ts";
import { type Datagrams, listenForDatagrams } from "../support/datagrams.ts";
import { until } from "../support/until.ts";

const STORY_MS = 60_000;

async function aFolder(): Promise<Scene> {
  const scene = await aScene();
  const code = `const slow = flow({ name: "slow", run: async () => { ${untilFile(join(scene.folder, "go"))} } });`;
  await scene.write("flows.config.ts", configText({ code, flows: ["slow"] }));
  return scene;
}

async function untilTold(manager: Datagrams, what: RegExp, from = 0): Promise<number> {
  const isTold = () => manager.received().findIndex((text, at) => at >= from && what.test(text));
  await until(`the manager is told ${what}`, () => isTold() >= 0);
  return isTold();
}

test(
  "the service manager is told that the daemon is ready, lives, reloads and stops",
  async () => {
    await using scene = await aFolder();
    const path = join(scene.folder, "notify");
    using manager = listenForDatagrams(path);

    const daemon = await scene.serve({
      env: { NOTIFY_SOCKET: path, WATCHDOG_USEC: "600000", TOCSIN_SHUTDOWN_GRACE: "20s" },
    });
    const ready = await untilTold(manager, /^READY=1\nSTATUS=1 flow, 0 runs going on/);
    const life = await untilTold(manager, /^WATCHDOG=1\nSTATUS=/, ready);
    await untilTold(manager, /^WATCHDOG=1\n/, life + 1);
    daemon.signal("SIGHUP");
    const reloading = await untilTold(manager, /^RELOADING=1\n/);
    const reloaded = await untilTold(manager, /^READY=1$/, reloading);
    await untilTold(manager, /STATUS=1 flow, 0 runs going on/, reloaded);
    const config = scene.read("flows.config.ts");
    await scene.write("flows.config.ts", "export default {");
    daemon.signal("SIGHUP");
    await untilTold(manager, /STATUS=1 flow, .*; look at config: tocsin status$/, reloaded);
    await scene.write("flows.config.ts", config);
    daemon.signal("SIGHUP");
    const told = manager.received().length;
    await untilTold(manager, /^(?!.*look at).*STATUS=1 flow/s, told);
    const { id } = await daemon.trigger("slow");
    await daemon.untilRun(id, ({ state }) => state.type === "RUNNING");
    daemon.signal("SIGTERM");
    await untilTold(manager, /^STOPPING=1\n[\s\S]*EXTEND_TIMEOUT_USEC=\d+/);
    await scene.write("go", "");

    expect(await daemon.ended()).toBe(0);
  },
  STORY_MS,
);

test(
  "a name that is in no folder will do, and what a flow starts does not speak for the service",
  async () => {
    await using scene = await aScene();
    await scene.write(
      "flows.config.ts",
      configText({
        code: `const env = flow({ name: "env", run: () => ({ socket: process.env.NOTIFY_SOCKET ?? null }) });`,
        flows: ["env"],
      }),
    );
    const name = `@tocsin-test-${process.pid}-${Date.now()}`;
    using manager = listenForDatagrams(name);

    const daemon = await scene.serve({ env: { NOTIFY_SOCKET: name } });
    await untilTold(manager, /^READY=1/);
    const { id } = await daemon.trigger("env");
    const run = await daemon.untilRun(id, ({ state }) => state.type === "COMPLETED");

    expect(run.result).toEqual({ socket: null });
    expect(manager.received().some((text) => text.includes("WATCHDOG"))).toBe(true);
    expect(await daemon.stop()).toBe(0);
  },
  STORY_MS,
);

test(
  "a manager that is not there does not keep the daemon from working",
  async () => {
    await using scene = await aFolder();

    const daemon = await scene.serve({ env: { NOTIFY_SOCKET: join(scene.folder, "nobody") } });

    expect((await daemon.get("/livez")).status).toBe(200);
    expect(await daemon.stop()).toBe(0);
  },
  STORY_MS,
);

/** Stands where systemctl is found, and keeps what it is asked; `answer` is what it prints. */
async function aSystemctl(scene: Scene, answer = ""): Promise<Readonly<Record<string, string>>> {
  const asked = join(scene.folder, "asked");
  const script = `#!/bin/sh\necho "$@" >> '${asked}'\nprintf '%s' '${answer}'\n`;
  await chmod(await scene.write("bin/systemctl", script), 0o755);
  return { PATH: `${join(scene.folder, "bin")}:/usr/bin:/bin`, XDG_CONFIG_HOME: scene.folder };
}

test(
  "a unit is printed, installed, looked at and removed",
  async () => {
    await using scene = await aFolder();
    const properties = "LoadState=loaded\nActiveState=active\nSubState=running\nMainPID=7\n";
    const env = await aSystemctl(scene, properties);
    const service = (...args: string[]) => scene.tocsin(["service", ...args], { env });
    const unit = join(scene.folder, "systemd/user/tocsin.service");

    const printed = await service("install", "--print", "--run-as", "ada", "--key", "/etc/key");
    const secret = await service("install", "--print", "--config", "/etc/shadow");
    const installed = await service("install", "--user");
    const again = await service("install", "--user", "--json");
    const status = await service("status", "--user", "--json");
    const text = scene.read("systemd/user/tocsin.service");
    const removed = await service("uninstall", "--user");
    const gone = await service("uninstall", "--user");

    expect(secret.code).toBe(0);
    expect(secret.err).toMatch(/^The service (?:runs as a user|has a \/tmp) of its own/m);
    expect(printed.out).toContain("Type=notify\n");
    expect(printed.out).toContain(
      `ExecStart=${BINARY} serve --config ${join(scene.folder, "flows.config.ts")}\n`,
    );
    expect(printed.out).toContain("User=ada\n");
    expect(printed.out).toContain("LoadCredential=tocsin-key:/etc/key\n");
    expect([installed.code, installed.out]).toEqual([0, `written  ${unit}\n`]);
    expect(JSON.parse(again.out)).toEqual({ path: unit, result: "kept", started: true });
    expect(text).toContain("WantedBy=default.target");
    expect(text).not.toContain("DynamicUser");
    expect(JSON.parse(status.out)).toMatchObject({ isInstalled: true, isActive: true, pid: 7 });
    expect([removed.code, removed.out]).toEqual([0, `removed  ${unit}\n`]);
    expect([gone.code, gone.out]).toEqual([0, ""]);
    expect(scene.read("asked").split("\n")).toContain("--user disable --now tocsin");
  },
  STORY_MS,
);

test(
  "without systemd, without a config, or for a user that is none, that is what is said",
  async () => {
    await using scene = await aFolder();
    const env = { PATH: scene.folder };

    const absent = await scene.tocsin(["service", "status"], { env });
    const user = await scene.tocsin(["service", "install", "--print", "--run-as", "a b"]);
    const config = await scene.tocsin(["service", "install", "--config", "gone.ts", "--print"]);

    expect([absent.code, absent.out]).toEqual([1, ""]);
    expect(absent.err).toContain("it is not on this machine");
    expect([user.code, config.code]).toEqual([2, 3]);
  },
  STORY_MS,
);
