// Written by `bun run generate` from the files in hooks/.
export const SHIPPED_HOOKS = {
  "tocsin/hooks/cloud-run-job": () => import("../../../hooks/cloud-run-job.ts"),
  "tocsin/hooks/command": () => import("../../../hooks/command.ts"),
  "tocsin/hooks/discord": () => import("../../../hooks/discord.ts"),
  "tocsin/hooks/email": () => import("../../../hooks/email.ts"),
  "tocsin/hooks/github-issue": () => import("../../../hooks/github-issue.ts"),
  "tocsin/hooks/gotify": () => import("../../../hooks/gotify.ts"),
  "tocsin/hooks/ntfy": () => import("../../../hooks/ntfy.ts"),
  "tocsin/hooks/pagerduty": () => import("../../../hooks/pagerduty.ts"),
  "tocsin/hooks/ping": () => import("../../../hooks/ping.ts"),
  "tocsin/hooks/slack": () => import("../../../hooks/slack.ts"),
  "tocsin/hooks/teams": () => import("../../../hooks/teams.ts"),
  "tocsin/hooks/telegram": () => import("../../../hooks/telegram.ts"),
  "tocsin/hooks/webhook": () => import("../../../hooks/webhook.ts"),
};
