import { durationInWords } from "../../domain/duration.ts";
import type { Readiness, StatusView } from "../../http/api-deps.ts";
import type { TokenView } from "../../http/token-routes.ts";
import { type Items, tell } from "./ask.ts";
import { useData } from "./data.ts";
import { DeedButton } from "./deed-button.tsx";
import { bump, now } from "./live.ts";
import { notify } from "./notices.ts";
import { Fact, Failure, Prose, Section, StateMark, Time, Title } from "./parts.tsx";
import { bytes } from "./words.ts";

/** The daemon itself. */
export function System() {
  const status = useData<StatusView>("/api/status");
  const ready = useData<Readiness>("/readyz?verbose");
  const { value } = status;
  return (
    <>
      <Title text="System">
        <div class="buttons">
          <DeedButton onClick={() => void reload()}>Read the config again</DeedButton>
        </div>
      </Title>
      <Failure of={status} />
      {value === undefined ? null : <Facts status={value} />}
      <Section name="Checks">
        <ul class="list wraps">
          {(ready.value?.checks ?? []).map(({ name, state, message }) => (
            <li key={name}>
              <StateMark type={MARKS[state]} name={name} />
              <span class="grow">{message === "" ? "fine" : <Prose text={message} />}</span>
            </li>
          ))}
        </ul>
      </Section>
      {value === undefined ? null : <Config status={value} />}
      {value === undefined ? null : <Amounts status={value} />}
      <Tokens />
      <Section name="Elsewhere">
        <ul class="links">
          <li>
            <a href="/docs">The API, for people</a>
          </li>
          <li>
            <a href="/api/status">Status as JSON</a>
          </li>
          <li>
            <a href="/api/flows">Flows as JSON</a>
          </li>
        </ul>
      </Section>
    </>
  );
}

const MARKS = { ok: "completed", warn: "cancelled", failed: "failed" } as const;

function Facts({ status }: { readonly status: StatusView }) {
  const { threads, store } = status;
  return (
    <dl class="facts">
      <Fact name="Version">{status.version}</Fact>
      <Fact name="Up for">
        {durationInWords(Math.max(0, now.value - Date.parse(status.startedAt)))}
      </Fact>
      <Fact name="Next due">
        {status.nextDueAt === undefined ? "nothing" : <Time iso={status.nextDueAt} />}
      </Fact>
      <Fact name="Threads">
        {threads.busy} of {threads.threads} busy
        {threads.stuck > 0 ? `, ${threads.stuck} stuck` : ""}
      </Fact>
      <Fact name="Loop lag, last minute">{status.loopLagMs} ms</Fact>
      <Fact name="Store" isWide>
        {store.sizeBytes === undefined ? "" : bytes(store.sizeBytes)} <code>{store.path}</code>
      </Fact>
      <Fact name="Boot" isWide>
        <code>{status.bootId}</code>
      </Fact>
    </dl>
  );
}

function Config({ status: { config } }: { readonly status: StatusView }) {
  const problems = config.lastReloadProblems ?? [];
  return (
    <Section name="Config">
      <p>
        Generation {config.generation}, accepted <Time iso={config.acceptedAt} />.
      </p>
      {problems.length === 0 ? null : (
        <div class="failure">
          <p>The newest edit was refused:</p>
          <ul>
            {problems.map(({ at, path, message }) => (
              <li key={`${at} ${path} ${message}`}>
                <code>{at ?? path}</code> {message}
              </li>
            ))}
          </ul>
        </div>
      )}
    </Section>
  );
}

function Amounts({ status }: { readonly status: StatusView }) {
  return (
    <div class="pair">
      <Section name="Runs">
        <Counted counts={status.runs} path="/runs?state=" />
      </Section>
      <Section name="Deliveries">
        <Counted counts={status.deliveries} path="/hooks?status=" />
      </Section>
    </div>
  );
}

function Counted({
  counts,
  path,
}: {
  readonly counts: Readonly<Record<string, number>>;
  readonly path: string;
}) {
  return (
    <ul class="list">
      {Object.entries(counts).map(([type, count]) => (
        <li key={type}>
          <a href={path + type} class="grow">
            <StateMark type={type} name={type.toLowerCase()} />
          </a>
          <span class="number">{count.toLocaleString()}</span>
        </li>
      ))}
    </ul>
  );
}

/** Who may ask; what they show is never answered. */
function Tokens() {
  const tokens = useData<Items<TokenView>>("/api/tokens", { once: true });
  const items = tokens.value?.items;
  if (items === undefined) return null;
  return (
    <Section name="Tokens" aside={items.length === 0 ? null : <LogOut />}>
      {items.length === 0 ? (
        <p class="dim">None: whoever reaches this address may do everything.</p>
      ) : (
        <ul class="list">
          {items.map(({ name, scope, createdAt, lastUsedAt }) => (
            <li key={name}>
              <b>{name}</b>
              <span class="tag">{scope}</span>
              <span class="grow dim">
                made <Time iso={createdAt} />
              </span>
              {lastUsedAt === undefined ? (
                <span class="dim">never used</span>
              ) : (
                <span class="dim">
                  used <Time iso={lastUsedAt} />
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function LogOut() {
  const leave = async () => {
    const answer = await tell("/api/logout");
    if (answer.ok) bump();
  };
  return (
    <button type="button" onClick={() => void leave()}>
      Log out
    </button>
  );
}

async function reload(): Promise<void> {
  const answer = await tell<{ readonly generation: number; readonly changed: boolean }>(
    "/api/config/reload",
  );
  const text = !answer.ok
    ? answer.message
    : answer.value.changed
      ? `Generation ${answer.value.generation} is in force`
      : "Nothing in the config has changed";
  notify({ text, isBad: !answer.ok });
  bump();
}
