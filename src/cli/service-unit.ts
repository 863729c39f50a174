import { dirname } from "node:path";

/** What a systemd unit for the daemon is made of. */
export interface UnitParts {
  /** The command that runs this program. */
  readonly command: readonly string[];
  readonly configPath: string;
  readonly name: string;
  /** Of one user's manager, which has fewer rights to give away. */
  readonly ofUser: boolean;
  /** The user it runs as; undefined for one that exists only while it runs. */
  readonly runAs?: string;
  readonly listen?: string;
  /** The file with the key that encrypts blocks, which only the manager reads. */
  readonly keyFile?: string;
}

/** The unit, as text. */
export function unitText(parts: UnitParts): string {
  const { name, ofUser, keyFile } = parts;
  return section("Unit", [
    "Description=tocsin: runs flows on time, and rings when their state changes",
    ...(ofUser ? [] : ["After=network-online.target", "Wants=network-online.target"]),
    "StartLimitIntervalSec=300",
    "StartLimitBurst=10",
  ]).concat(
    "\n",
    section("Service", [
      "Type=notify",
      `ExecStart=${startOf(parts)}`,
      `WorkingDirectory=${quoted(dirname(parts.configPath))}`,
      "ExecReload=/bin/kill -HUP $MAINPID",
      "Restart=always",
      "RestartSec=2",
      "# While it stops it asks for more time by itself; when it hangs it is started again.",
      "TimeoutStartSec=180",
      "WatchdogSec=60",
      `StateDirectory=${name}`,
      "StateDirectoryMode=0700",
      "UMask=0077",
      "LimitNOFILE=65536",
      "# Flows that use up the memory do not take the daemon with them.",
      "OOMPolicy=continue",
      ...(keyFile === undefined ? [] : [`LoadCredential=tocsin-key:${quoted(keyFile)}`]),
      ...(ofUser ? ["NoNewPrivileges=yes"] : hardening(parts)),
    ]),
    "\n",
    section("Install", [`WantedBy=${ofUser ? "default" : "multi-user"}.target`]),
  );
}

function section(name: string, lines: readonly string[]): string {
  return `[${name}]\n${lines.join("\n")}\n`;
}

function startOf({ command, configPath, listen }: UnitParts): string {
  const where = listen === undefined ? [] : ["--listen", listen];
  return [...command, "serve", "--config", configPath, ...where].map(quoted).join(" ");
}

/** As systemd splits a line into words: `%` and `$` mean something to it too. */
function quoted(word: string): string {
  const plain = word.replaceAll("%", "%%").replaceAll("$", "$$$$");
  return /^[\w@%+=:,./$-]+$/.test(plain)
    ? plain
    : `"${plain.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/**
 * Flows read what this user may read and reach the network; they write only their state, /tmp of their own, and
 * what ReadWritePaths= gives them. No MemoryDenyWriteExecute: JavaScript is compiled as it runs.
 */
function hardening({ runAs, name }: UnitParts): readonly string[] {
  // A user that only exists while it runs has no home, and without one the name service may not know it either.
  const passing = ["DynamicUser=yes", `Environment=HOME=%S/${name}`];
  return [
    ...(runAs === undefined ? passing : [`User=${runAs}`]),
    "# Flows may write there only; more folders: ReadWritePaths=/srv/data in a drop-in (systemctl edit).",
    "ProtectSystem=strict",
    "ProtectHome=read-only",
    "PrivateTmp=yes",
    "PrivateDevices=yes",
    "ProtectKernelTunables=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelLogs=yes",
    "ProtectControlGroups=yes",
    "ProtectClock=yes",
    "ProtectHostname=yes",
    "ProtectProc=invisible",
    "NoNewPrivileges=yes",
    "RestrictSUIDSGID=yes",
    "RestrictRealtime=yes",
    "LockPersonality=yes",
    "CapabilityBoundingSet=",
    "AmbientCapabilities=",
    "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
    "SystemCallArchitectures=native",
    "SystemCallFilter=@system-service",
    "SystemCallErrorNumber=EPERM",
  ];
}
