import { describe, expect, test } from "bun:test";
import { createLiveArea } from "../../src/cli/live-area.ts";
import { screenOf } from "./support/screen.ts";

function anArea() {
  let written = "";
  const area = createLiveArea({
    isTTY: true,
    write: (text) => {
      written += text;
    },
  });
  return { area, screen: () => screenOf(written), written: () => written };
}

describe("a live area", () => {
  test("is drawn over what it was before, with fewer lines too", () => {
    const { area, screen } = anArea();

    area.draw(["one", "two", "three"]);
    area.draw(["ONE"]);
    area.end();

    expect(screen()).toEqual({ lines: ["ONE"], cursor: "shown" });
  });

  test("has above it what is written meanwhile, in order", () => {
    const { area, screen } = anArea();

    area.sink.write("before\n");
    area.draw(["tree"]);
    area.sink.write("a line\n");
    area.sink.write("another\n");
    area.draw(["tree, later"]);
    area.sink.write("last\n");
    area.end();
    area.sink.write("after\n");

    const lines = ["before", "a line", "another", "last", "tree, later", "after"];
    expect(screen()).toEqual({ lines, cursor: "shown" });
  });

  test("hides the cursor while it lives, and writes nothing when nothing changed", () => {
    const { area, screen, written } = anArea();

    area.draw(["tree"]);
    const once = written();
    area.draw(["tree"]);

    expect(written()).toBe(once);
    expect(screen().cursor).toBe("hidden");
    area.end();
    area.end();
    expect(screen()).toEqual({ lines: ["tree"], cursor: "shown" });
  });

  test("leaves a terminal alone on which nothing was drawn", () => {
    const { area, written } = anArea();

    area.sink.write("text\n");
    area.end();

    expect(written()).toBe("text\n");
  });
});
