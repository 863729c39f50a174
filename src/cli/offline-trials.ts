import { Hono } from "hono";
import { requireConfig, requireSettings } from "../daemon-config.ts";
import { NoSuchBlock } from "../domain/blocks.ts";
import type { Generation } from "../domain/flow.ts";
import { type BootId, systemRandom, uuidv7 } from "../domain/ids.ts";
import { type Clock, instant } from "../domain/instant.ts";
import { createRedactor, type Redactor } from "../domain/redaction.ts";
import { hookTrials } from "../hook-trials.ts";
import { addHookTestRoute } from "../http/hook-test-route.ts";
import { answerError } from "../http/problems.ts";
import { redactAnswers } from "../http/redact-answers.ts";
import { selfCommand } from "../self-command.ts";
import { openBlocks } from "../store/block-store.ts";
import { bootOf } from "../store/boot-store.ts";
import { historyOf } from "../store/history-of.ts";
import type { Store } from "../store/open-store.ts";
import { openStoreAt } from "../store/open-store-at.ts";
import { mayBeThere } from "../store/store-place.ts";
import { answerThreadRequest } from "../thread-requests.ts";
import { checkBlockValue } from "../threads/check-block.ts";
import type { AnswerRequest } from "../threads/pool-state.ts";
import { VERSION } from "../version.ts";
import { type Api, apiOver } from "./client.ts";
import type { Place } from "./offline-blocks.ts";

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * Trials of hooks where no daemon runs, behind the same route: with the store, if there is one, held but not
 * changed. Throws StartRefused where a daemon could not start either.
 */
export async function openOfflineTrials(
  place: Place,
): Promise<{ readonly api: Pick<Api, "testHook">; close(): Promise<void> }> {
  const { configPath, env } = place;
  const clock: Clock = () => instant(Date.now());
  const accepted = await requireConfig(place);
  const options = { ...place, serve: false, watch: false, log: SILENT };
  const settings = requireSettings(options, accepted.manifest);
  const generation: Generation = { number: 0, configPath, ...accepted, acceptedAt: clock() };
  const redactor = createRedactor();
  const store = mayBeThere(settings.store)
    ? await openVisitor(settings.store, clock, env)
    : undefined;
  const close = async () => store?.close(clock());
  try {
    const parts = { clock, env, generation, redactor };
    const answerRequest = store === undefined ? answerWithoutStore : await answerOn(store, parts);
    const publicUrl = settings.publicUrl ?? urlOf(settings.listen);
    const trials = { clock, store, answerRequest, newest: () => generation };
    const app = new Hono({ strict: false });
    app.use("*", redactAnswers(redactor));
    addHookTestRoute(app, { tryHook: hookTrials({ ...trials, publicUrl: () => publicUrl }) });
    app.onError(answerError({}));
    return { api: apiOver(async (request) => await app.fetch(request), "http://localhost"), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Where a daemon would listen: links lead there. */
function urlOf({ hostname, port }: { readonly hostname: string; readonly port: number }): string {
  return `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}

function openVisitor(path: string, clock: Clock, env: Place["env"]): Promise<Store> {
  const boot = bootOf(uuidv7(clock(), systemRandom) as BootId, VERSION, clock());
  return openStoreAt(path, { boot, self: selfCommand(), env, visits: true });
}

interface Answering {
  readonly clock: Clock;
  readonly env: Place["env"];
  readonly generation: Generation;
  readonly redactor: Redactor;
}

async function answerOn(
  store: Store,
  { clock, env, generation, redactor }: Answering,
): Promise<AnswerRequest> {
  const blocks = await openBlocks({
    ...{ store, clock, redactor, storePath: store.path },
    environment: env["TOCSIN_KEY"],
    credentialsDirectory: env["CREDENTIALS_DIRECTORY"],
    declared: () => generation.manifest.blockTypes,
    check: (block) => checkBlockValue(generation, block),
  });
  const history = historyOf(store.reader);
  const engine = () => Promise.reject(new Error("Cannot start a run here: no daemon runs"));
  return (request, origin) =>
    answerThreadRequest({ blocks, store, history, clock, engine }, request, origin);
}

const answerWithoutStore: AnswerRequest = async (request) => {
  switch (request.kind) {
    case "block-load":
    case "block-delete": {
      const [type = "", ...name] = request.reference.split("/");
      throw new NoSuchBlock(type, name.join("/"));
    }
    case "find-run":
      return null;
    case "list-runs":
      return [];
    default:
      throw new Error("Cannot do this here: there is no store yet; start a daemon (tocsin serve)");
  }
};
