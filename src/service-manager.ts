import { type Notify, openNotifySocket } from "./service-socket.ts";

/** systemd, or whatever speaks its language: told how the daemon stands. Does nothing where there is none. */
export interface ServiceManager {
  /** The daemon works; from now on its state is told, and that it lives. */
  started(life: Life): Promise<void>;
  reloading(): void;
  reloaded(): void;
  /** The daemon stops, which may take as long as it takes. */
  stopping(): void;
}

/** What is told of a daemon at work. */
export interface Life {
  /** How it stands, in a line. */
  status(): Promise<string>;
  /** False when it hangs, so that being restarted would help. */
  isAlive(): Promise<boolean>;
}

const STATUS_EVERY_MS = 10_000;
/** While it stops, a further such time is asked for, again and again. */
const STOP_EXTENSION_MS = 30_000;

const NOBODY: ServiceManager = {
  started: async () => undefined,
  reloading() {},
  reloaded() {},
  stopping() {},
};

/** The manager that the environment names. Its names are taken out: what the daemon starts is not the service. */
export async function joinServiceManager(
  env: Record<string, string | undefined>,
): Promise<ServiceManager> {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: usec, WATCHDOG_PID: pid } = env;
  for (const name of ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]) delete env[name];
  if (socket === undefined || socket === "") return NOBODY;
  const isOurs = pid === undefined || Number(pid) === process.pid;
  return managerOver(await openNotifySocket(socket), isOurs ? Number(usec ?? 0) / 1_000 : 0);
}

function managerOver(notify: Notify, watchdogMs: number): ServiceManager {
  let timer: ReturnType<typeof setInterval> | undefined;
  let tell = () => {};
  const every = (ms: number, action: () => void) => {
    clearInterval(timer);
    timer = setInterval(action, ms);
    timer.unref();
  };
  return {
    async started(life) {
      notify(`READY=1\nSTATUS=${await statusOf(life)}`);
      tell = () => void tellLife(notify, life);
      // Three chances within the time after which it would be taken for dead.
      every(watchdogMs > 0 ? Math.min(STATUS_EVERY_MS, watchdogMs / 3) : STATUS_EVERY_MS, tell);
      await tellLife(notify, life);
    },
    reloading: () => notify("RELOADING=1\nSTATUS=reads the config again"),
    reloaded() {
      notify("READY=1");
      tell();
    },
    stopping() {
      const extend = `EXTEND_TIMEOUT_USEC=${STOP_EXTENSION_MS * 1_000}\nWATCHDOG=1`;
      notify(`STOPPING=1\nSTATUS=stops\n${extend}`);
      every(STOP_EXTENSION_MS / 3, () => notify(extend));
    },
  };
}

async function tellLife(notify: Notify, life: Life): Promise<void> {
  const isAlive = await life.isAlive().catch(() => false);
  notify(`${isAlive ? "WATCHDOG=1\n" : ""}STATUS=${await statusOf(life)}`);
}

async function statusOf(life: Life): Promise<string> {
  const text = await life.status().catch((error: unknown) => String(error));
  return text.replaceAll(/\s+/g, " ");
}
