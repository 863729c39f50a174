import { dirname } from "node:path";
import { BINARY, type Scene } from "./daemon.ts";

/** What a shell offers at the end of a line, once the tab key is pressed. */
export type OfferedBy = (scene: Scene, line: string) => Promise<readonly string[]>;

/** With nothing but itself, the system's programs and tocsin. */
async function askShell(scene: Scene, [shell = "", ...args]: readonly string[]): Promise<string> {
  const env = { PATH: `${dirname(BINARY)}:/usr/bin:/bin`, TERM: "dumb" };
  const { code, out, err } = await scene.tocsin(args, { binary: shell, env });
  if (code === 0 && err === "") return out;
  throw new Error(`Cannot complete in "${shell}": it answered ${code}: ${err}`);
}

/** In bash a completion is a function over variables: no terminal is needed. */
export const offeredByBash: OfferedBy = async (scene, line) => {
  const script = `source <(tocsin complete bash); COMP_LINE=$1
    COMP_POINT=\${#COMP_LINE}; _tocsin; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return linesOf(await askShell(scene, ["/bin/bash", "--norc", "-c", script, "bash", line]));
};

/** fish completes a line that it is given. */
export const offeredByFish: OfferedBy = async (scene, line) => {
  const script = "source (tocsin complete fish | psub); complete --do-complete $argv[1]";
  const out = await askShell(scene, ["/usr/bin/fish", "--no-config", "-c", script, "--", line]);
  return linesOf(out).map((offer) => offer.split("\t")[0] ?? "");
};

/** What the zsh on the inner terminal does first: a key that completes and prints what was offered. */
const ZSH_SETUP = `
PS1= PS2= RPS1=
unsetopt prompt_cr prompt_sp
autoload -Uz compinit && compinit -u -D
source <(tocsin complete zsh)
function compadd {
  local -a kept
  builtin compadd -O kept "$@"
  offered+=("\${kept[@]}")
  builtin compadd "$@"
}
function offer {
  offered=()
  zle complete-word
  print -rl -- "" "\${offered[@]/#/offer:}" "end-of-""offers"
}
zle -N offer
bindkey '^T' offer
print "ready-to-""type"
`;

/** zsh completes only where somebody types: it is given a terminal and the keys. */
const ZSH_TYPIST = `
zmodload zsh/zpty
zpty inner zsh -f -i
zpty -w inner "source $1"
zpty -r inner seen '*ready-to-type*'
zpty -n -w inner "$2"$'\\x14'
zpty -r inner seen '*end-of-offers*'
print -r -- "$seen"
zpty -d inner
`;

export const offeredByZsh: OfferedBy = async (scene, line) => {
  const setup = await scene.write("setup.zsh", ZSH_SETUP);
  const out = await askShell(scene, ["/usr/bin/zsh", "-f", "-c", ZSH_TYPIST, "zsh", setup, line]);
  const offers = linesOf(out).map((text) => /^offer:(.*?)\r?$/.exec(text)?.[1]);
  return [...new Set(offers.filter((offer) => offer !== undefined))];
};

function linesOf(out: string): readonly string[] {
  return out.split("\n").filter((line) => line !== "");
}
