import { createHash } from "node:crypto";
import type { LicensedPackage } from "./licences.ts";

/** What a bill of materials tells of. */
export interface SbomOrder {
  readonly version: string;
  /** What the program itself needs: the names of its direct dependencies. */
  readonly needs: readonly string[];
  readonly packages: readonly LicensedPackage[];
  /** Seconds since 1970. */
  readonly time: number;
}

/** A CycloneDX 1.6 bill of materials of every package that is in the programs of a release. */
export function sbomOf({ version, needs, packages, time }: SbomOrder) {
  const program = purlOf("tocsin", version);
  const purls = new Map(packages.map((one) => [one.name, purlOf(one.name, one.version)]));
  const refs = (names: readonly string[]) =>
    names.flatMap((name) => purls.get(name) ?? []).toSorted();
  const body = {
    metadata: {
      timestamp: new Date(time * 1000).toISOString(),
      component: {
        type: "application",
        "bom-ref": program,
        name: "tocsin",
        version,
        purl: program,
        licenses: [{ license: { id: "MIT" } }],
      },
    },
    components: packages.map(componentOf),
    dependencies: [
      { ref: program, dependsOn: refs(needs) },
      ...packages.map((one) => ({
        ref: purlOf(one.name, one.version),
        dependsOn: refs(one.needs),
      })),
    ],
  };
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify(body))}`,
    version: 1,
    ...body,
  };
}

function componentOf({ name, version, licence, integrity }: LicensedPackage) {
  const [group, plain] = name.startsWith("@") ? name.split("/") : [undefined, name];
  const purl = purlOf(name, version);
  return {
    type: "library",
    "bom-ref": purl,
    ...(group === undefined ? {} : { group }),
    name: plain ?? name,
    version,
    hashes: [
      {
        alg: "SHA-512",
        content: Buffer.from(integrity.replace("sha512-", ""), "base64").toString("hex"),
      },
    ],
    licenses: [licenceOf(licence)],
    purl,
  };
}

/** One licence has an id, several of them an expression: `(MIT OR Apache-2.0)`. */
function licenceOf(licence: string) {
  return /\s/.test(licence) ? { expression: licence } : { license: { id: licence } };
}

function purlOf(name: string, version: string): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

/** The same content has the same number, so that a release can be made again to the byte. */
function uuidOf(text: string): string {
  const hash = createHash("sha256").update(text).digest("hex");
  const variant = ((Number.parseInt(hash.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-${variant}${hash.slice(18, 20)}-${hash.slice(20, 32)}`;
}
