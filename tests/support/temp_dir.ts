/** A folder of its own, gone after the test; `data` in it is not made yet. */
export async function tempDir() {
  const path = await Deno.makeTempDir();
  return {
    path,
    data: `${path}/data`,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}
