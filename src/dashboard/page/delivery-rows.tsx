import type { DeliveryAttemptView, DeliveryEntry, DeliveryView } from "../../store/run-history.ts";
import { DeedButton } from "./deed-button.tsx";
import { expectedOf, expectMark } from "./expected.ts";
import { confirmed, perform } from "./notices.ts";
import { Block, ErrorChain, RunLink, StateMark, Time, Took } from "./parts.tsx";
import { at } from "./router.ts";
import { clockOf } from "./words.ts";

/** Deliveries, a row each. */
export function DeliveryRows({
  deliveries,
  withRun = false,
}: {
  readonly deliveries: readonly DeliveryEntry[];
  readonly withRun?: boolean;
}) {
  if (deliveries.length === 0) return null;
  return (
    <table class="deliveries">
      <thead>
        <tr>
          <th scope="col">Status</th>
          <th scope="col">Hook</th>
          <th scope="col" class="moment">
            Moment
          </th>
          {withRun ? <th scope="col">Of</th> : null}
          <th scope="col" class="when">
            When
          </th>
          <th scope="col" class="attempts-made">
            Attempts
          </th>
          <th scope="col" class="message">
            Why
          </th>
          <th scope="col">
            <span class="unseen">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {deliveries.map((delivery) => (
          <Row key={delivery.id} delivery={delivery} withRun={withRun} />
        ))}
      </tbody>
    </table>
  );
}

function Row({
  delivery,
  withRun,
}: {
  readonly delivery: DeliveryEntry;
  readonly withRun: boolean;
}) {
  const { id, hook, hookName, moment, createdAt, attemptsMade, nextAttemptAt } = delivery;
  const why = delivery.reason ?? delivery.lastError ?? "";
  return (
    <tr>
      <td>
        <DeliveryMark delivery={delivery} />
      </td>
      <th scope="row">
        <a href={at("deliveries", id)} class="name" title={hook}>
          {hookName ?? hook}
        </a>
      </th>
      <td>{moment}</td>
      {withRun ? (
        <td>
          <Subject delivery={delivery} />
        </td>
      ) : null}
      <td class="when">
        <Time iso={createdAt} />
      </td>
      <td class="attempts-made">
        {attemptsMade}
        {nextAttemptAt !== undefined && attemptsMade > 0 ? (
          <span class="dim">
            , next <Time iso={nextAttemptAt} />
          </span>
        ) : null}
      </td>
      <td class="message dim" title={why}>
        {why}
      </td>
      <td class="actions">
        <Redeliver delivery={delivery} />
      </td>
    </tr>
  );
}

/** How a delivery stands; or what somebody asked for a moment ago. */
export function DeliveryMark({ delivery }: { readonly delivery: DeliveryEntry }) {
  const { id, status } = delivery;
  return <StateMark {...(expectedOf(id, versionOf(delivery)) ?? { type: status, name: status })} />;
}

function versionOf({ status, attemptsMade, replays }: DeliveryEntry): string {
  return `${status} ${attemptsMade} ${replays}`;
}

/** What a delivery tells of: a run, or a due time that became none. */
export function Subject({ delivery }: { readonly delivery: DeliveryEntry }) {
  const { run, runName, flow, decision } = delivery;
  if (run !== undefined) return <RunLink id={run} name={runName ?? run} />;
  return (
    <span>
      {flow} {decision?.kind}
    </span>
  );
}

/** Rings again what is over; what waits is rung anyhow. */
export function Redeliver({ delivery }: { readonly delivery: DeliveryEntry }) {
  const { status, hook, hookName } = delivery;
  if (status === "pending") return null;
  return (
    <DeedButton
      aria-label={`Redeliver ${hookName ?? hook}`}
      onClick={() => void redeliver(delivery)}
    >
      Redeliver
    </DeedButton>
  );
}

/** What was delivered is heard twice then: somebody must say so. */
async function redeliver(delivery: DeliveryEntry): Promise<void> {
  const { id, status, hook, hookName = hook } = delivery;
  const isSure =
    status !== "delivered" ||
    (await confirmed({
      title: "Redeliver it?",
      text: `${hookName} was delivered: whoever is told hears it once more.`,
      action: "Redeliver it",
    }));
  if (!isSure) return;
  const takeBack = expectMark(id, versionOf(delivery), { type: "pending", name: "pending" });
  const path = `/api/deliveries/${id}/redeliver`;
  const answer = await perform({ path, done: `${hookName} is rung again` });
  if (!answer.ok) takeBack();
}

/** What came of each attempt: its error, what it asked of others and what came back, what it logged. */
export function Attempts({ delivery }: { readonly delivery: DeliveryView }) {
  return (
    <ol class="attempts">
      {delivery.attempts.toReversed().map((attempt) => (
        <li key={attempt.attempt}>
          <Attempt attempt={attempt} />
        </li>
      ))}
    </ol>
  );
}

function Attempt({ attempt }: { readonly attempt: DeliveryAttemptView }) {
  const { error, log, exchanges = [], startedAt, endedAt } = attempt;
  return (
    <>
      <p class="standing">
        <StateMark
          type={error === undefined ? "delivered" : "failed"}
          name={`Attempt ${attempt.attempt} ${error === undefined ? "delivered" : "failed"}`}
        />
        <Time iso={startedAt} />
        <span class="dim">
          <Took startedAt={startedAt} endedAt={endedAt} />
        </span>
      </p>
      <Said error={error} exchanges={exchanges} log={log} isSent />
    </>
  );
}

interface SaidOptions extends Partial<Pick<DeliveryAttemptView, "exchanges" | "log">> {
  readonly error?: DeliveryAttemptView["error"] | undefined;
  /** Whether what it asked for was asked; else nobody was there to answer. */
  readonly isSent: boolean;
}

/** What a hook did: its error, what it asked of others and what came back, what it logged. */
export function Said({ error, exchanges = [], log = [], isSent }: SaidOptions) {
  return (
    <>
      {error === undefined ? null : <ErrorChain error={error} />}
      {exchanges.map(({ request, detail, answer, startedAt: from }) => (
        <div class="exchange" key={from + request}>
          <p>
            <code>{request}</code> {isSent ? `→ ${answer ?? "no answer"}` : ""}
          </p>
          {detail === undefined ? null : <Block text={detail} />}
        </div>
      ))}
      {log.length === 0 ? null : (
        <Block
          text={log
            .map(({ at: when, level, text }) => `${clockOf(Date.parse(when))} ${level} ${text}`)
            .join("\n")}
        />
      )}
    </>
  );
}
