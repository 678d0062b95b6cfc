// A short comparison of model and HAProxy, in seconds; agreement.slow.test.ts tests more pairs, `npm run fuzz` any number.
import { testAgreement } from "./agreement.ts";

testAgreement(2_000, 1);
