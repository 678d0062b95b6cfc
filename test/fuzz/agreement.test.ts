// A first look at the agreement of model and HAProxy, in seconds; agreement.slow.test.ts takes more pairs, `npm run fuzz` as many as asked.
import { testAgreement } from "./agreement.ts";

testAgreement(2_000, 1);
