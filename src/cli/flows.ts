import type { Command } from "commander";
import type { Context } from "./context.ts";
import { addFlowsLs } from "./flows-ls.ts";
import { addFlowsPause, addFlowsResume } from "./flows-pause.ts";
import { addFlowsShow } from "./flows-show.ts";

/** `tocsin flows …` */
export function addFlowsGroup(program: Command, context: Context): void {
  const flows = program.command("flows").description("list, show, pause and resume flows");
  addFlowsLs(flows, context);
  addFlowsShow(flows, context);
  addFlowsPause(flows, context);
  addFlowsResume(flows, context);
}
