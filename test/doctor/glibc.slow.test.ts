// What each option of resolv.conf does with this machine's glibc.
import { testOptions } from "./fixtures/glibc-options.ts";

testOptions("of this machine", () => ["getent"]);
