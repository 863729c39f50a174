import type { RunView } from "../domain/run-view.ts";
import { apiOver } from "./client.ts";
import { EXIT } from "./failure.ts";
import { followRun } from "./follow.ts";
import { newsOfRun } from "./news.ts";
import { patientWay } from "./patient-way.ts";
import type { Session } from "./session.ts";
import { printRun, transitionLine } from "./show-run.ts";

/**
 * What `--wait` does: tells of each change of state after `afterSeq`, shows the run once it is over, and
 * answers 1 unless it completed.
 */
export async function waitForEnd(
  session: Session,
  { id, name, afterSeq = 0 }: Pick<RunView, "id" | "name"> & { readonly afterSeq?: number },
): Promise<number> {
  const { printer } = session;
  printer.note(`${name} (${id})`);
  const way = await patientWay(session);
  const news = newsOfRun(way, id);
  const ended = await followRun(apiOver(way.send, way.server), id, {
    afterSeq,
    news,
    onTransition: (transition) => {
      if (transition.taskRun === undefined) printer.note(transitionLine(printer, transition));
      if (transition.state.type === "PAUSED") printer.next(`tocsin runs resume ${name}`);
    },
  }).finally(() => news.stop());
  printer.document(ended, () => printRun(printer, ended));
  if (ended.state.type === "COMPLETED") return EXIT.ok;
  printer.next(`tocsin logs ${ended.name}`);
  return EXIT.failed;
}
