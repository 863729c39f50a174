/** The statements of a script in which each ends with a line; a trigger's body is part of its statement. */
export function statementsIn(script: string): readonly string[] {
  const statements: string[] = [];
  let open = "";
  for (const piece of script.split(/;[^\S\n]*(?:\n|$)/)) {
    const text = open === "" ? piece.trim() : `${open};\n${piece.trimEnd()}`;
    open = TRIGGER.test(text) && !/\bEND$/i.test(text) ? text : "";
    if (open === "" && text !== "") statements.push(text);
  }
  return statements;
}

const TRIGGER = /^CREATE\s+(?:TEMP(?:ORARY)?\s+)?TRIGGER\b/i;
