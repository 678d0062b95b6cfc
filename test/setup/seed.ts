// One seed for every property test, so that a run can be repeated; PORTICO_SEED=N looks elsewhere.
import fc from "fast-check";

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env.PORTICO_SEED ?? 20_261_123) });
