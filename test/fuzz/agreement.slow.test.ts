// The agreement of model and HAProxy on more pairs than `npm test` has time for.
import { testAgreement } from "./agreement.ts";

testAgreement(20_000, 2);
