import { CliFailure, EXIT } from "./failure.ts";
import type { Session, Way } from "./session.ts";

/** A daemon that is started again, or upgraded, is back by then. */
const AWAY_MAX_MS = 60_000;
/** A new life of the daemon has a new token beside its store, which may be written a little later. */
const STRANGE_MAX_MS = 5_000;
const TRY_AGAIN_MS = 250;

/**
 * A way for whoever follows what goes on: while the daemon is away it is waited for, also at another address
 * when it comes back there. Only for requests without a body.
 */
export async function patientWay(session: Session): Promise<Way> {
  let way = await session.way();
  let isSaid = false;
  const { server } = way;
  const findAgain = async () => {
    const found = await session.way();
    // Where it wrote itself down no longer, the usual address may be that of another daemon.
    if (found.server === way.server || found.server !== session.globals.server) way = found;
  };
  const sendOnce = async (request: Request) => {
    const path = request.url.slice(server.length);
    const response = await whole(await way.send(new Request(`${way.server}${path}`, request)));
    isSaid = false;
    return response;
  };
  return {
    server,
    async send(request) {
      const since = Date.now();
      for (;;) {
        const answer = await sendOnce(request).catch(failureOnly);
        if (!isToWait(answer, Date.now() - since)) return orThrow(answer);
        if (!isSaid) session.printer.note("The daemon does not answer; waits for it to come back");
        isSaid = true;
        await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
        await findAgain();
      }
    },
  };
}

function isToWait(answer: Response | CliFailure, waitedMs: number): boolean {
  if (answer instanceof CliFailure) {
    return answer.exitCode === EXIT.unreachable && waitedMs < AWAY_MAX_MS;
  }
  return answer.status === 401 && waitedMs < STRANGE_MAX_MS;
}

function failureOnly(error: unknown): CliFailure {
  if (error instanceof CliFailure) return error;
  throw error;
}

function orThrow(answer: Response | CliFailure): Response {
  if (answer instanceof CliFailure) throw answer;
  return answer;
}

/** An answer that broke off counts as none. */
async function whole(response: Response): Promise<Response> {
  const { status, headers, body } = response;
  const isStream = (headers.get("content-type") ?? "").startsWith("text/event-stream");
  if (body === null || isStream) return response;
  try {
    return new Response(await response.arrayBuffer(), { status, headers });
  } catch (cause) {
    const failure = new CliFailure("The daemon broke its answer off", EXIT.unreachable);
    failure.cause = cause;
    throw failure;
  }
}
