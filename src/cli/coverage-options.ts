// The options of `portico test` about coverage.
import type { CommandOption, Given } from "./command.ts";
import type { Entrances } from "./locate-expectation.ts";
import type { SpaceInput } from "./space-input.ts";

export const COVERAGE_OPTIONS: readonly CommandOption[] = [
  { flags: "--coverage", about: "show which regions of requests and which rules no expectation exercises" },
  {
    flags: "--fail-under <percent>",
    about: "with --coverage, exit 1 if it is lower: a number from 0 to 100",
  },
];

export interface AskedCoverage {
  readonly input: SpaceInput;
  readonly entrances: Entrances;
  /** In percent; undefined: any coverage is enough. */
  readonly failUnder: number | undefined;
}

export interface CoverageOptions {
  readonly isAsked: boolean;
  readonly failUnder: number | undefined;
}

/** `problem`: a sentence. */
export function readCoverage(given: Given): CoverageOptions | { readonly problem: string } {
  const text = given.text("failUnder");
  if (text === undefined) return { isAsked: given.flag("coverage"), failUnder: undefined };
  const failUnder = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(failUnder <= 100)) return { problem: `--fail-under ${text} is not a percentage from 0 to 100.` };
  if (!given.flag("coverage")) return { problem: "--fail-under needs --coverage." };
  return { isAsked: true, failUnder };
}
