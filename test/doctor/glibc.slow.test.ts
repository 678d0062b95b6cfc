// The effect of each option of resolv.conf with this machine's glibc.
import { testOptions } from "./fixtures/glibc-options.ts";

testOptions("of this machine", () => ["getent"]);
