const WANTED = { major: 2, minor: 9 };

/** Why this version of Deno cannot run the program, in one line with what to do; undefined if it can. */
export function runtimeProblem(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const old = major < WANTED.major || (major === WANTED.major && minor < WANTED.minor);
  const wanted = `${WANTED.major}.${WANTED.minor}`;
  if (!old) return undefined;
  return `this is Deno ${version}, and Deno ${wanted} or newer is needed: deno upgrade, ` +
    `or npx -y deno@${wanted} task start`;
}
