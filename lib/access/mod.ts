/** Who may read and who may write, and what there is for whom: asked by all doors, decided in one place. */

export { Access, type AccessOptions, type Attempts, OPEN, type Shown } from "./access.ts";
export { Password, passwordFault } from "./password.ts";
